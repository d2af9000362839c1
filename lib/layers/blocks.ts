/** Several blocks, in a list or by name. */
import { expect } from '../graph/errors';
import { type Block, renamed } from './layer';

/** Layers and plain functions; with names, these replace the names of the layers in paths. */
export type Blocks = readonly Block[] | Readonly<Record<string, Block>>;

/** The blocks as functions, in order. */
export function resolveBlocks(where: string, blocks: Blocks): readonly Block[] {
  for (const [name, block] of Object.entries(blocks)) {
    expect(typeof block === 'function', 'OPTION', () => ({
      where,
      what: `block ${name}`,
      expected: 'a layer or a function',
      actual: typeof block,
    }));
  }
  const listed = Array.isArray(blocks) ? blocks : Object.entries(blocks).map(([name, block]) => renamed(name, block));
  expect(listed.length > 0, 'OPTION', () => ({ where, what: 'the blocks', expected: 'at least one', actual: 'none' }));
  return listed;
}

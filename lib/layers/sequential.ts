/** Blocks one after the other. */
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { type Blocks, resolveBlocks } from './blocks';
import { type Block, type Layer, layer } from './layer';

/**
 * Applies blocks in turn. A sequential has no place of its own in paths: its layers are named where it stands, unless
 * it is given a name itself.
 *
 * @param blocks layers and plain functions; or one object of them, whose names then replace those of the layers
 * @throws ConvoltError `OPTION` when there are none
 * @example
 * sequential(dense(32), relu(), dense(10)) // dense.weight, dense2.weight
 * sequential({ features: sequential(dense(32), relu()), head: dense(10) }) // features.dense.weight, head.weight
 */
export function sequential(...blocks: readonly Block[]): Layer;
export function sequential(blocks: Readonly<Record<string, Block>>): Layer;
export function sequential(...given: readonly unknown[]): Layer {
  const blocks = resolveBlocks('sequential', (typeof given[0] === 'object' ? given[0] : given) as Blocks);
  const run = (x: Value, scope: Scope): Value => blocks.reduce((value, block) => block(value, scope), x);
  const nested = layer('sequential', run);
  const apply = (x: Value, scope: Scope, name?: string): Value => (name ? nested(x, scope, name) : run(x, scope));
  return Object.assign(apply, { layerName: 'sequential' });
}

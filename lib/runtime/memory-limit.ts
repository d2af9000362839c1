/** Refuses programs that need more memory than the machine has, before anything is allocated. */
import { totalmem } from 'node:os';
import type { Compiled } from '../compiler/compile';
import { expect } from '../graph/errors';
import { showType } from '../graph/tensor';

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Bytes of memory that this process may use: the machine's, or the limit of its container. */
export function availableMemory(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * Checks the temporaries of one run.
 *
 * @param available bytes; default `availableMemory()`
 * @throws ConvoltError `SHAPE` when they do not fit; it names the largest of them and the step that makes it
 */
export function expectToFit({ steps, arena }: Compiled, available = availableMemory()): void {
  expect(arena.bytes <= available, 'SHAPE', () => {
    const largest = [...arena.blocks].reduce((a, b) => (b[1].bytes > a[1].bytes ? b : a))[0];
    const maker = steps.find((step) => step.outputs.includes(largest));
    return {
      where: 'program',
      what: 'the temporary values of a run',
      expected: `small enough for ${gigabytes(available)} of memory`,
      actual: `${gigabytes(arena.bytes)}, the largest of them ${showType(largest)} of ${maker?.label}`,
    };
  });
}

/** Half as many time steps: each two neighbours made one. */
import { expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { pad } from '../ops/pad';
import { max, mean } from '../ops/reduce';
import { reshape } from '../ops/shape';
import { slice } from '../ops/slice';
import { expectChoice } from './option-values';

export interface PairOptions {
  /** What becomes of two neighbours: 'concat' (default) along the features, their 'mean' or their 'max'. */
  readonly pooling?: 'concat' | 'mean' | 'max';
  /** What becomes of an odd last step: 'pad' (default) gives it a neighbour of zeros, 'drop' leaves it out. */
  readonly tail?: 'pad' | 'drop';
}

export const pairOptions = ['pooling', 'tail'] as const;

/** Checks the options of `where` and fills in the defaults. */
export function resolvePairs(where: string, { pooling = 'concat', tail = 'pad' }: PairOptions): Required<PairOptions> {
  expectChoice(where, 'pooling', pooling, ['concat', 'mean', 'max']);
  expectChoice(where, 'tail', tail, ['pad', 'drop']);
  return { pooling, tail };
}

/**
 * [N, T, F] to [N, ceil(T / 2), 2F], or F features with 'mean' and 'max'; floor(T / 2) steps with `tail: 'drop'`.
 *
 * @throws ConvoltError `SHAPE` when x has other axes or no step is left
 */
export function pairSteps(x: Value, options: PairOptions = {}): Value {
  expectOptions('pairSteps', options, pairOptions);
  const { pooling, tail } = resolvePairs('pairSteps', options);
  expectRank('pairSteps', 'the input', x, 3, '[N, T, F]');
  const [n, steps, features] = x.shape as [number, number, number];
  const pairs = tail === 'pad' ? Math.ceil(steps / 2) : Math.floor(steps / 2);
  expect(pairs > 0, 'SHAPE', () => ({
    where: 'pairSteps',
    what: 'the number of steps',
    expected: `${tail === 'pad' ? 1 : 2} or more`,
    actual: `${steps}`,
  }));
  const even =
    2 * pairs >= steps
      ? pad(x, { before: [0, 0, 0], after: [0, 2 * pairs - steps, 0] })
      : slice(x, { begin: [0, 0, 0], size: [-1, 2 * pairs, -1] });
  if (pooling === 'concat') return reshape(even, [n, pairs, 2 * features]);
  return (pooling === 'mean' ? mean : max)(reshape(even, [n, pairs, 2, features]), { axes: [2] });
}

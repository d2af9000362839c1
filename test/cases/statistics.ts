/** Variances that are kept, and such that are computed again. */
import { exactVariance } from '../../lib/ops/exact-variance';
import type { OpCase } from './case';

export const statisticsCases: OpCase[] = [
  {
    name: 'exactVariance where nothing was lost',
    op: 'exactVariance',
    differentiable: true,
    inputs: [{ shape: [3, 2, 4] }, { shape: [4] }, { shape: [4], values: 'positive' }],
    build: (x, offset, variance) => exactVariance(x, offset, variance),
  },
  ...[1, 5, 16, 17, 40].map(
    (channels): OpCase => ({
      name: `exactVariance of ${channels} channels, some of them lost`,
      op: 'exactVariance',
      inputs: [
        { shape: [9, channels] },
        { shape: [channels], values: [9, 1, 0, -30] },
        { shape: [channels], values: 'positive' },
      ],
      build: (x, offset, variance) => exactVariance(x, offset, variance),
    }),
  ),
  {
    name: 'exactVariance of no rows',
    op: 'exactVariance',
    inputs: [{ shape: [0, 3] }, { shape: [3], values: [100] }, { shape: [3], values: 'positive' }],
    build: (x, offset, variance) => exactVariance(x, offset, variance),
  },
];

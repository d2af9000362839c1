/** Matrix products: transposes, batches, and sizes around the blocks of a product. */
import { matmul } from '../../lib/ops/matmul';
import type { OpCase } from './case';

const transposes = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

function product(m: number, k: number, n: number, batchA: number[] = [], batchB: number[] = []): OpCase[] {
  return transposes.map(([transposeA, transposeB]) => ({
    name: `matmul [${batchA}|${m}, ${k}] x [${batchB}|${k}, ${n}]${transposeA ? ' A^T' : ''}${transposeB ? ' B^T' : ''}`,
    op: 'matmul',
    inputs: [
      { shape: [...batchA, ...(transposeA ? [k, m] : [m, k])] },
      { shape: [...batchB, ...(transposeB ? [n, k] : [k, n])] },
    ],
    build: (a, b) => matmul(a, b, { transposeA, transposeB }),
    differentiable: m * k * n > 0 && m * k * n < 200,
  }));
}

export const matmulCases: OpCase[] = [
  ...product(1, 1, 1),
  ...product(2, 3, 4),
  ...product(1, 7, 5),
  ...product(5, 7, 1),
  ...product(7, 1, 3),
  ...product(33, 17, 65),
  ...product(2, 3, 4, [3], [3]),
  ...product(2, 3, 4, [2, 2], [2, 2]),
  ...product(2, 3, 4, [3], []),
  ...product(5, 2, 3, [2, 2], []),
  ...product(0, 3, 4),
  ...product(3, 0, 4),
  ...product(3, 4, 0),
  ...product(2, 3, 4, [0], [0]),
  ...product(2, 3, 4, [0], []),
  {
    name: 'matmul carries NaN and infinity',
    op: 'matmul',
    build: (a, b) => matmul(a, b),
    inputs: [
      { shape: [2, 2], values: [1, Number.NaN, Number.POSITIVE_INFINITY, 1] },
      { shape: [2, 2], values: [1, 2, 3, 4] },
    ],
  },
];

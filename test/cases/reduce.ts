/** Reductions: each pattern of folded axes, tails, ties, NaN and infinity. */
import type { Shape } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import { argmax, argmin } from '../../lib/ops/argmax';
import { exp, mul, square } from '../../lib/ops/elementwise';
import { logSumExp, max, mean, min, prod, type ReduceOptions, sum, variance } from '../../lib/ops/reduce';
import type { Fill, OpCase } from './case';

const folds = { sum, max, min, prod } as const;
const fillOf: Readonly<Record<string, Fill>> = { sum: 'normal', max: 'distinct', min: 'distinct', prod: 'positive' };

const patterns: readonly (readonly [Shape, ReduceOptions])[] = [
  [[7], {}],
  [[3, 5], {}],
  [[3, 5], { axes: 0 }],
  [[3, 5], { axes: -1, keepDims: true }],
  [[2, 3, 4], { axes: 1 }],
  [[2, 3, 4], { axes: [0, 2] }],
  [[2, 3, 4], { axes: [-1, -2], keepDims: true }],
  [[2, 3, 4, 5], { axes: [0, 1, 2] }],
  [[2, 3, 4, 5], { axes: [1, 3] }],
  [[1, 4, 1], { axes: [0, 2] }],
];

const longPatterns: readonly (readonly [Shape, ReduceOptions])[] = [
  ...[1, 15, 16, 17, 511, 512, 513, 1023, 1024, 1025, 2049].map((n): [Shape, ReduceOptions] => [[n], {}]),
  [[3, 1025], { axes: 1 }],
  [[1025, 3], { axes: 0 }],
  [[1025, 3], { axes: 1 }],
  [[2, 1025], { axes: 0 }],
  [[300, 40], {}],
  [[4, 6, 5, 64], { axes: [0, 1, 2] }],
];

const show = (shape: Shape, { axes, keepDims }: ReduceOptions): string =>
  `[${shape}] over ${axes === undefined ? 'all' : `[${axes}]`}${keepDims ? ', kept' : ''}`;

const foldCases = Object.entries(folds).flatMap(([op, fold]): OpCase[] => [
  ...patterns.map(
    ([shape, options]): OpCase => ({
      name: `${op} ${show(shape, options)}`,
      op,
      differentiable: true,
      inputs: [{ shape, values: fillOf[op] as Fill }],
      build: (x) => fold(x, options),
    }),
  ),
  ...longPatterns.map(
    ([shape, options]): OpCase => ({
      name: `${op} ${show(shape, options)}`,
      op,
      inputs: [{ shape, values: op === 'prod' ? [1.001, 0.999, -1] : (fillOf[op] as Fill) }],
      tolerance: { absolute: 1e-4, relative: 1e-4 },
      build: (x) => fold(x, options),
    }),
  ),
]);

const emptyCases = (['sum', 'prod'] as const).flatMap((op): OpCase[] => [
  { name: `${op} of nothing`, op, inputs: [{ shape: [0] }], build: (x) => folds[op](x) },
  { name: `${op} of empty rows`, op, inputs: [{ shape: [3, 0] }], build: (x) => folds[op](x, { axes: 1 }) },
  { name: `${op} of no rows`, op, inputs: [{ shape: [0, 3] }], build: (x) => folds[op](x, { axes: 0 }) },
]);

const oddNumbers: OpCase[] = [
  ...(['max', 'min', 'sum'] as const).flatMap((op): OpCase[] => [
    {
      name: `${op} with NaN in a row`,
      op,
      build: (x) => folds[op](x, { axes: 1 }),
      inputs: [{ shape: [3, 3], values: [1, Number.NaN, 2, Number.NaN, 0, 3, 5, 4, Number.NaN] }],
    },
    {
      name: `${op} with NaN deep in a long row`,
      op,
      build: (x) => folds[op](x),
      inputs: [{ shape: [1025], values: [...new Array(700).fill(1), Number.NaN, ...new Array(324).fill(2)] }],
    },
    {
      name: `${op} of infinities`,
      op,
      build: (x) => folds[op](x, { axes: 1 }),
      inputs: [{ shape: [2, 3], values: [1, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY, 0, 3] }],
    },
  ]),
  {
    name: 'max of minus infinity only',
    op: 'max',
    inputs: [{ shape: [20], values: [Number.NEGATIVE_INFINITY] }],
    build: (x) => max(x),
  },
  {
    name: 'prod with one zero',
    op: 'prod',
    inputs: [{ shape: [5], values: [2, 0, 3, -1, 0.5] }],
    build: (x) => prod(x),
    differentiable: true,
  },
  {
    name: 'prod with two zeros, and with one',
    op: 'prod',
    inputs: [{ shape: [2, 5], values: [2, 0, 3, 0, 0.5, 1, 2, 0, 3, 4] }],
    build: (x) => prod(x, { axes: 1 }),
    differentiable: true,
  },
];

const rows = (name: string, op: string, build: (x: Value) => Value, values: Fill = 'normal'): OpCase => ({
  name,
  op,
  inputs: [{ shape: [4, 7], values }],
  build,
  differentiable: true,
});

const composites: OpCase[] = [
  rows('mean of rows', 'sum', (x) => mean(x, { axes: -1 })),
  rows('mean of all', 'sum', (x) => mean(x)),
  rows('variance of rows', 'sum', (x) => variance(x, { axes: 1 })),
  rows('variance of columns, kept', 'sum', (x) => variance(x, { axes: 0, keepDims: true })),
  rows('logSumExp of rows', 'sum', (x) => logSumExp(x, { axes: 1 })),
  rows('logSumExp of all', 'sum', (x) => logSumExp(x)),
  {
    name: 'logSumExp of huge and infinite numbers',
    op: 'sum',
    build: (x) => logSumExp(x, { axes: 1 }),
    inputs: [
      {
        shape: [4, 3],
        values: [
          1000,
          1001,
          1002,
          -1000,
          -1001,
          -1002,
          ...new Array(3).fill(Number.NEGATIVE_INFINITY),
          Number.POSITIVE_INFINITY,
          0,
          1,
        ],
      },
    ],
  },
  rows('sum of squares in one pass', 'sum', (x) => sum(square(x), { axes: 1 })),
  rows('two folds of one pass', 'sum', (x) => mul(sum(exp(x)), mean(square(x)))),
];

const positions = Object.entries({ argmax, argmin }).flatMap(([op, position]): OpCase[] => [
  ...[0, 1, 2, -1].map(
    (axis): OpCase => ({
      name: `${op} of [3, 4, 5] along ${axis}`,
      op,
      inputs: [{ shape: [3, 4, 5], values: 'distinct' }],
      build: (x) => position(x, { axis }),
    }),
  ),
  ...[1, 7, 8, 9, 1025].map(
    (n): OpCase => ({
      name: `${op} of ${n}`,
      op,
      inputs: [{ shape: [n], values: 'distinct' }],
      build: (x) => position(x),
    }),
  ),
  {
    name: `${op} of ties takes the first`,
    op,
    inputs: [{ shape: [6, 50], values: { below: 3 } }],
    build: (x) => position(x),
  },
  {
    name: `${op} takes NaN first`,
    op,
    build: (x) => position(x),
    inputs: [
      {
        shape: [2, 4],
        values: [1, Number.NaN, 9, Number.NaN, Number.NEGATIVE_INFINITY, 3, Number.POSITIVE_INFINITY, 1],
      },
    ],
  },
  { name: `${op} of no rows`, op, inputs: [{ shape: [0, 4] }], build: (x) => position(x) },
]);

export const reduceCases: OpCase[] = [...foldCases, ...emptyCases, ...oddNumbers, ...composites, ...positions];

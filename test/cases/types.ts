/** Elementwise primitives of other element types, and the ops that lead from one type to another. */
import type { DType } from '../../lib/graph/tensor';
import {
  abs,
  add,
  cast,
  equal,
  exp,
  isFinite as isFiniteNumber,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  sign,
  sub,
  where,
} from '../../lib/ops/elementwise';
import type { OpCase } from './case';

const integers = { shape: [3, 5], dtype: 'int32', values: [-7, 4, 0, 9, -2, 100000] } as const;
const divisors = { shape: [5], dtype: 'int32', values: [3, -2, 5, 1, 7] } as const;

const typedCases: OpCase[] = [
  ...Object.entries({ add, sub, mul, maximum, minimum, mod, equal, less, lessEqual }).map(
    ([op, build]): OpCase => ({ name: `${op} of integers`, op, inputs: [integers, divisors], build }),
  ),
  ...Object.entries({ neg, abs, sign }).map(
    ([op, build]): OpCase => ({ name: `${op} of integers`, op, inputs: [integers], build }),
  ),
  ...(['uint8', 'bool'] as const).map(
    (dtype): OpCase => ({
      name: `equal of ${dtype}`,
      op: 'equal',
      build: equal,
      inputs: [
        { shape: [4, 33], dtype },
        { shape: [33], dtype },
      ],
    }),
  ),
  ...Object.entries({ logicalAnd, logicalOr }).flatMap(([op, build]): OpCase[] => [
    {
      name: `${op} of 1025`,
      op,
      inputs: [
        { shape: [1025], dtype: 'bool' },
        { shape: [1025], dtype: 'bool' },
      ],
      build,
    },
    {
      name: `${op}: outer`,
      op,
      inputs: [
        { shape: [3, 1], dtype: 'bool' },
        { shape: [4], dtype: 'bool' },
      ],
      build,
    },
  ]),
  { name: 'logicalNot of 17', op: 'logicalNot', inputs: [{ shape: [17], dtype: 'bool' }], build: logicalNot },
  { name: 'logicalNot: matrix', op: 'logicalNot', inputs: [{ shape: [33, 31], dtype: 'bool' }], build: logicalNot },
  {
    name: 'isFinite of special numbers',
    op: 'isFinite',
    inputs: [{ shape: [5, 17], values: 'special' }],
    build: isFiniteNumber,
  },
  { name: 'isFinite of 1025', op: 'isFinite', inputs: [{ shape: [1025] }], build: isFiniteNumber },
];

const whereCases: OpCase[] = [
  ...(
    [
      ['equal shapes', [3, 5], [3, 5], [3, 5]],
      ['scalars', [3, 5], [], []],
      ['rows', [4, 1], [5], [4, 5]],
      ['empty', [0], [], [0]],
    ] as const
  ).map(
    ([pattern, c, a, b]): OpCase => ({
      name: `where: ${pattern}`,
      op: 'where',
      build: where,
      differentiable: true,
      inputs: [{ shape: c, dtype: 'bool' }, { shape: a }, { shape: b }],
    }),
  ),
  {
    name: 'where keeps NaN of the other branch out',
    op: 'where',
    build: (c, a) => where(c, a, 2),
    inputs: [
      { shape: [4], dtype: 'bool', values: [0, 1] },
      { shape: [4], values: [Number.NaN, 1] },
    ],
  },
  {
    name: 'where of integers',
    op: 'where',
    build: where,
    inputs: [{ shape: [3, 5], dtype: 'bool' }, integers, divisors],
  },
];

const dtypes: readonly DType[] = ['float32', 'int32', 'uint8', 'bool', 'int8'];
const castCases: OpCase[] = [
  ...dtypes.flatMap((from) =>
    dtypes
      .filter((to) => to !== from)
      .map(
        (to): OpCase => ({
          name: `cast ${from} to ${to}`,
          op: 'cast',
          build: (x) => cast(x, to),
          inputs: [
            {
              shape: [3, 37],
              dtype: from,
              values: { below: [from, to].includes('bool') ? 2 : [from, to].includes('int8') ? 128 : 200 },
            },
          ],
        }),
      ),
  ),
  {
    name: 'cast cuts toward zero',
    op: 'cast',
    build: (x) => cast(x, 'int32'),
    inputs: [{ shape: [6], values: [2.9, -2.9, 0.5, -0.5, 1e6, -1e6] }],
  },
  {
    name: 'cast to int and back cuts, in one expression too',
    op: 'cast',
    inputs: [{ shape: [5], values: [2.9, -2.9, 0.4] }],
    build: (x) => mul(cast(cast(x, 'int32'), 'float32'), 3),
  },
  {
    name: 'cast to int beside its own operand',
    op: 'cast',
    inputs: [{ shape: [5], values: [2.9, -2.9, 0.4] }],
    build: (x) => sub(exp(x), cast(cast(exp(x), 'int32'), 'float32')),
  },
];

/** A cast of floats to floats drops out, so the gradient of `cast` is seen at a bool that enters a product. */
const castGradient: OpCase = {
  name: 'cast beside a gradient',
  op: 'cast',
  differentiable: true,
  inputs: [{ shape: [7], values: 'distinct' }, { shape: [7] }],
  build: (x, y) => mul(cast(less(x, 0), 'float32'), mul(x, y)),
};

export const typeCases: OpCase[] = [...typedCases, ...whereCases, ...castCases, castGradient];

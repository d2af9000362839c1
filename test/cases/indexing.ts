/** Ops that pick and put by index: gather and its adjoint, one-hot, picks along an axis, top-k. */
import type { DType, Shape } from '../../lib/graph/tensor';
import { putAlongAxis, takeAlongAxis } from '../../lib/ops/along-axis';
import { gather, scatterAdd } from '../../lib/ops/gather';
import { oneHot } from '../../lib/ops/one-hot';
import { sequenceMask } from '../../lib/ops/sequence-mask';
import { topK } from '../../lib/ops/top-k';
import type { InputSpec, OpCase } from './case';

const indices = (shape: Shape, below: number): InputSpec => ({ shape, dtype: 'int32', values: { below } });

const gathers = (
  [
    [[5, 3], [4], 0],
    [[5], [2, 3], 0],
    [[2, 5], [4], 1],
    [[2, 5, 3], [2, 2], 1],
    [[2, 3, 5], [4], -1],
    [[5, 3], [], 0],
    [[7, 1], [2049], 0],
    [[5, 33], [17], 0],
    [[5, 3], [0], 0],
    [[2, 5, 3], [], 1],
  ] as readonly (readonly [Shape, Shape, number])[]
).map(
  ([table, picked, axis]): OpCase => ({
    name: `gather [${table}] by [${picked}] along ${axis}`,
    op: 'gather',
    differentiable: true,
    inputs: [{ shape: table }, indices(picked, table.at(axis) as number)],
    build: (x, i) => gather(x, i, { axis }),
  }),
);

const typedGathers = (['int32', 'uint8', 'bool'] as readonly DType[]).map(
  (dtype): OpCase => ({
    name: `gather of ${dtype}`,
    op: 'gather',
    build: (x, i) => gather(x, i),
    inputs: [{ shape: [6, 7], dtype, values: { below: dtype === 'bool' ? 2 : 250 } }, indices([9], 6)],
  }),
);

const scatters = (
  [
    [[4], [4, 3], 0, 5],
    [[2, 3], [2, 3], 0, 4],
    [[4], [2, 4, 3], 1, 6],
    [[4], [2, 4], -1, 3],
    [[2049], [2049], 0, 7],
    [[100], [100, 33], 0, 4],
    [[0], [0, 3], 0, 2],
    [[], [3], 0, 2],
  ] as readonly (readonly [Shape, Shape, number, number])[]
).map(
  ([picked, updates, axis, size]): OpCase => ({
    name: `scatterAdd [${updates}] by [${picked}] along ${axis} into ${size}`,
    op: 'scatterAdd',
    differentiable: true,
    inputs: [indices(picked, size), { shape: updates }],
    build: (i, x) => scatterAdd(i, x, { axis, size }),
  }),
);

const oneHots = (
  [
    [[5], 4],
    [[2, 3], 10],
    [[], 3],
    [[1025], 3],
    [[0], 3],
    [[4], 1],
  ] as readonly (readonly [Shape, number])[]
).map(
  ([shape, depth]): OpCase => ({
    name: `oneHot [${shape}] of depth ${depth}`,
    op: 'oneHot',
    inputs: [indices(shape, depth)],
    build: (i) => oneHot(i, depth),
  }),
);

const masks = (
  [
    [5, 7, [1, 7, 3]],
    [1, 1, [1]],
    [1025, 20, [20, 1, 9, 13]],
    [0, 4, [1]],
  ] as const
).map(
  ([count, steps, lengths]): OpCase => ({
    name: `sequenceMask of ${count} lengths, ${steps} steps`,
    op: 'sequenceMask',
    inputs: [{ shape: [count], dtype: 'int32', values: lengths }],
    build: (given) => sequenceMask(given, steps),
  }),
);

const rows: OpCase[] = (
  [
    [[4, 5], 1],
    [[4, 5], 3],
    [[2, 3, 4], 6],
    [[7], 2],
    [[0, 4], 2],
  ] as readonly (readonly [Shape, number])[]
).flatMap(([shape, count]): OpCase[] => {
  const width = shape.at(-1) as number;
  const picked = [...shape.slice(0, -1), count];
  return [
    {
      name: `takeAlongAxis [${shape}], ${count} a row`,
      op: 'takeAlongAxis',
      differentiable: true,
      inputs: [{ shape }, indices(picked, width)],
      build: takeAlongAxis,
    },
    {
      name: `putAlongAxis ${count} a row into [${shape}]`,
      op: 'putAlongAxis',
      differentiable: true,
      inputs: [indices(picked, width), { shape: picked }],
      build: (i, x) => putAlongAxis(i, x, { size: width }),
    },
  ];
});

const largest: OpCase[] = [
  ...(
    [
      [[7], 1],
      [[7], 7],
      [[4, 6], 3],
      [[2, 3, 5], 2],
      [[3, 1025], 5],
      [[0, 4], 2],
    ] as readonly (readonly [Shape, number])[]
  ).map(
    ([shape, k]): OpCase => ({
      name: `topK of [${shape}], k ${k}`,
      op: 'topK',
      differentiable: (shape.at(-1) as number) < 100,
      inputs: [{ shape, values: 'distinct' }],
      build: (x) => Object.values(topK(x, { k })),
    }),
  ),
  {
    name: 'topK of ties takes the first',
    op: 'topK',
    inputs: [{ shape: [4, 9], values: { below: 3 } }],
    build: (x) => Object.values(topK(x, { k: 5 })),
  },
  {
    name: 'topK of NaN and infinities',
    op: 'topK',
    build: (x) => Object.values(topK(x, { k: 4 })),
    inputs: [
      {
        shape: [2, 5],
        values: [
          1,
          Number.NaN,
          Number.POSITIVE_INFINITY,
          Number.NaN,
          0,
          Number.NEGATIVE_INFINITY,
          2,
          Number.NEGATIVE_INFINITY,
          1,
          3,
        ],
      },
    ],
  },
];

export const indexingCases: OpCase[] = [
  ...gathers,
  ...typedGathers,
  ...scatters,
  ...oneHots,
  ...masks,
  ...rows,
  ...largest,
];

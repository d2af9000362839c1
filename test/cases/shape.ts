/** Ops that move numbers without changing them: views, transposes, slices, borders, joins. */
import type { Shape } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import { checkFinite } from '../../lib/ops/check-finite';
import { concat, split, stack } from '../../lib/ops/concat';
import { copy } from '../../lib/ops/copy';
import { add, mul, tanh } from '../../lib/ops/elementwise';
import { type PadOptions, pad } from '../../lib/ops/pad';
import { expandDims, flatten, reshape, squeeze, stopGradient } from '../../lib/ops/shape';
import { type SliceOptions, slice } from '../../lib/ops/slice';
import { withGradientOf } from '../../lib/ops/straight-through';
import { transpose } from '../../lib/ops/transpose';
import { applyByName, type OpCase } from './case';

const one = (
  op: string,
  what: string,
  shape: Shape,
  build: (x: Value) => Value | readonly Value[],
  differentiable = true,
): OpCase => ({
  name: `${op} ${what}`,
  op,
  inputs: [{ shape }],
  build,
  differentiable,
});

const views: OpCase[] = [
  one('reshape', '[2, 6] to [3, 4]', [2, 6], (x) => reshape(x, [3, 4])),
  one('reshape', 'with an open size', [2, 3, 4], (x) => reshape(tanh(x), [4, -1])),
  one('reshape', 'of nothing', [0, 3], (x) => reshape(x, [3, 0])),
  one('reshape', 'to a scalar', [1, 1], (x) => reshape(x, [])),
  one('reshape', 'by flatten', [2, 3, 4], (x) => flatten(x)),
  one('reshape', 'by expandDims', [2, 3], (x) => [expandDims(x, 0), expandDims(x, 1), expandDims(x, -1)]),
  one('reshape', 'by squeeze', [1, 2, 1, 3], (x) => [squeeze(x), squeeze(x, 0), squeeze(x, [-2])]),
  one('stopGradient', 'of rows', [2, 3], (x) => stopGradient(x), false),
  {
    name: 'stopGradient beside a gradient',
    op: 'stopGradient',
    inputs: [{ shape: [2, 3] }, { shape: [3] }],
    differentiable: false,
    build: (x, y) => mul(stopGradient(x), tanh(y)),
  },
  one('straightThrough', 'with its own gradient', [2, 3], (x) => withGradientOf(tanh(x), tanh(x))),
  one('straightThrough', 'behind and before work', [5], (x) => mul(withGradientOf(mul(x, 2), add(x, x)), x)),
  one('copy', 'of 1025', [1025], (x) => copy(x), false),
  one('copy', 'of rows', [3, 5], (x) => copy(x)),
  one('checkFinite', 'of finite numbers', [1025], (x) => checkFinite(x), false),
  one('checkFinite', 'of nothing', [0], (x) => checkFinite(x), false),
];

const transposes = (
  [
    [
      [3, 5],
      [1, 0],
    ],
    [
      [33, 65],
      [1, 0],
    ],
    [
      [1025, 3],
      [1, 0],
    ],
    [
      [2, 3, 4],
      [0, 2, 1],
    ],
    [
      [2, 3, 4],
      [1, 0, 2],
    ],
    [
      [2, 3, 4],
      [2, 1, 0],
    ],
    [
      [2, 3, 4],
      [2, 0, 1],
    ],
    [
      [2, 3, 4, 5],
      [0, 3, 1, 2],
    ],
    [
      [2, 3, 4, 5],
      [0, 2, 3, 1],
    ],
    [
      [2, 3, 4, 5],
      [3, 2, 1, 0],
    ],
    [
      [2, 3, 2, 2, 3],
      [4, 0, 3, 1, 2],
    ],
    [
      [1, 5, 1],
      [2, 1, 0],
    ],
    [
      [0, 3],
      [1, 0],
    ],
  ] as const
).map(([shape, permutation]) =>
  one('transpose', `[${shape}] by [${permutation}]`, shape, (x) => transpose(x, permutation), shape[0] < 33),
);

const slices = (
  [
    [[7], { begin: [2], size: [3] }],
    [[7], { begin: [-1], size: [-1], step: [-1] }],
    [[7], { begin: [1], size: [-1], step: [3] }],
    [[4, 5], { begin: [0, 1], size: [-1, 2] }],
    [[4, 5], { begin: [3, 4], size: [2, 3], step: [-2, -1] }],
    [[2, 3, 4], { begin: [1, 0, 1], size: [1, 2, 3] }],
    [[2, 5, 6, 3], { begin: [0, 1, 1, 0], size: [2, 3, 4, 3] }],
    [[2, 5, 6, 3], { begin: [0, 0, 1, 0], size: [-1, -1, -1, -1], step: [1, 2, 2, 1] }],
    [[4, 5], { begin: [4, 0], size: [0, 5] }],
    [[4, 5], { begin: [0, 0], size: [4, 5] }],
  ] as readonly (readonly [Shape, SliceOptions])[]
).map(([shape, options]) =>
  one('slice', `[${shape}] ${JSON.stringify(options).replaceAll('"', '')}`, shape, (x) => slice(x, options)),
);

const sliceGrads: OpCase[] = [
  one('sliceGrad', 'of a box', [2, 3], (y) =>
    applyByName('sliceGrad', [y], { inputShape: [4, 6], begin: [1, 2], step: [1, 1] }),
  ),
  one('sliceGrad', 'of steps and backwards', [2, 3], (y) =>
    applyByName('sliceGrad', [y], { inputShape: [4, 6], begin: [3, 0], step: [-2, 2] }),
  ),
];

const pads = (
  [
    [[3], { before: [2], after: [1] }],
    [[2, 3], { before: [1, 0], after: [0, 2], value: -1.5 }],
    [[2, 4, 5, 2], { before: [0, 1, 2, 0], after: [0, 2, 1, 0] }],
    [[4], { before: [3], after: [2], mode: 'reflect' }],
    [[3, 4], { before: [2, 1], after: [1, 3], mode: 'reflect' }],
    [[1, 3, 4, 2], { before: [0, 2, 1, 0], after: [0, 1, 3, 0], mode: 'reflect' }],
    [[3], { before: [4], after: [2], mode: 'replicate' }],
    [[2, 3], { before: [2, 0], after: [1, 5], mode: 'replicate' }],
    [[1, 3, 4, 2], { before: [0, 2, 1, 0], after: [0, 1, 3, 0], mode: 'replicate' }],
    [[0, 2], { before: [1, 1], after: [1, 1] }],
    [[2, 2], { before: [0, 0], after: [0, 0] }],
  ] as readonly (readonly [Shape, PadOptions])[]
).map(([shape, options]) =>
  one('pad', `[${shape}] ${JSON.stringify(options).replaceAll('"', '')}`, shape, (x) => pad(x, options)),
);

const padGrads = (['reflect', 'replicate'] as const).map((mode) =>
  one('padGrad', mode, [1, 5, 7, 2], (y) =>
    applyByName('padGrad', [y], { before: [0, 1, 2, 0], after: [0, 1, 1, 0], mode }),
  ),
);

const joins: OpCase[] = [
  ...(
    [
      [0, [2, 3], [4, 3]],
      [1, [2, 3], [2, 1]],
      [-1, [2, 3, 2], [2, 3, 5]],
      [2, [2, 2, 3, 4], [2, 2, 1, 4]],
      [0, [0, 3], [2, 3]],
    ] as const
  ).map(
    ([axis, a, b]): OpCase => ({
      name: `concat [${a}] and [${b}] along ${axis}`,
      op: 'concat',
      differentiable: true,
      inputs: [{ shape: a }, { shape: b }],
      build: (x, y) => concat([x, y], { axis }),
    }),
  ),
  {
    name: 'concat of three, one twice',
    op: 'concat',
    differentiable: true,
    inputs: [{ shape: [2, 3] }, { shape: [2, 2] }],
    build: (x, y) => concat([x, y, x], { axis: 1 }),
  },
  {
    name: 'concat of integers',
    op: 'concat',
    build: (x, y) => concat([x, y]),
    inputs: [
      { shape: [3], dtype: 'int32', values: { below: 99 } },
      { shape: [2], dtype: 'int32', values: { below: 99 } },
    ],
  },
  {
    name: 'concat of bytes',
    op: 'concat',
    build: (x, y) => concat([x, y], { axis: 1 }),
    inputs: [
      { shape: [2, 3], dtype: 'uint8', values: { below: 256 } },
      { shape: [2, 2], dtype: 'uint8', values: { below: 256 } },
    ],
  },
  {
    name: 'stack along each axis',
    op: 'concat',
    differentiable: true,
    inputs: [{ shape: [2, 3] }, { shape: [2, 3] }],
    build: (x, y) => [stack([x, y]), stack([x, y], { axis: 1 }), stack([x, y], { axis: -1 })],
  },
  one('slice', 'by split into equal parts', [2, 6], (x) => split(x, 3, { axis: 1 })),
  one('slice', 'by split into sizes', [5, 2], (x) => split(x, [1, 0, 4])),
  one('slice', 'by split and joined again', [4, 6], (x) => {
    const [a, b] = split(x, 2, { axis: -1 }) as [Value, Value];
    return concat([mul(a, b), a], { axis: -1 });
  }),
];

const typed: OpCase[] = (['int32', 'uint8', 'bool'] as const).flatMap((dtype): OpCase[] => {
  const inputs = [{ shape: [3, 5, 2], dtype, values: { below: dtype === 'bool' ? 2 : 200 } }] as const;
  return [
    { name: `transpose of ${dtype}`, op: 'transpose', inputs, build: (x) => transpose(x, [2, 0, 1]) },
    {
      name: `slice of ${dtype}`,
      op: 'slice',
      inputs,
      build: (x) => slice(x, { begin: [0, 4, 1], size: [3, 2, 1], step: [1, -2, 1] }),
    },
    {
      name: `pad of ${dtype}`,
      op: 'pad',
      inputs,
      build: (x) => pad(x, { before: [1, 0, 0], after: [0, 2, 0], value: 1 }),
    },
    { name: `copy of ${dtype}`, op: 'copy', inputs, build: copy },
    { name: `reshape of ${dtype}`, op: 'reshape', inputs, build: (x) => reshape(x, [5, 6]) },
  ];
});

export const shapeCases: OpCase[] = [
  ...views,
  ...transposes,
  ...slices,
  ...sliceGrads,
  ...pads,
  ...padGrads,
  ...joins,
  ...typed,
];

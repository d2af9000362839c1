/** Pooling: windows that overlap, leave gaps, stick out and cover the whole image. */

import type { Shape } from '../../lib/graph/tensor';
import {
  adaptiveAveragePool,
  averagePool,
  globalAveragePool,
  globalMaxPool,
  maxPool,
  type PoolOptions,
} from '../../lib/ops/pool';
import { applyByName, type OpCase } from './case';

const geometries: readonly (readonly [Shape, PoolOptions])[] = [
  [[1, 4, 4, 1], { window: 2 }],
  [[2, 5, 6, 3], { window: 2 }],
  [[2, 5, 6, 3], { window: 3, stride: 2 }],
  [[2, 5, 6, 3], { window: 3, stride: 2, padding: 1 }],
  [[2, 5, 6, 3], { window: 3, stride: 2, ceil: true }],
  [[2, 6, 6, 2], { window: 3, stride: 2, padding: 1, ceil: true }],
  [[1, 7, 5, 2], { window: [3, 2], stride: [1, 2], padding: [1, 0] }],
  [[1, 7, 7, 2], { window: 2, stride: 3 }],
  [[1, 7, 7, 2], { window: 3, stride: 2, padding: 'same' }],
  [[1, 5, 5, 17], { window: 5 }],
  [[2, 9, 9, 33], { window: 2, ceil: true }],
  [[0, 4, 4, 2], { window: 2 }],
];

const show = (x: Shape, options: object): string => `[${x}] ${JSON.stringify(options).replaceAll('"', '')}`;

const maxCases = geometries.flatMap(([x, options]): OpCase[] => [
  {
    name: `maxPool ${show(x, options)}`,
    op: 'maxPool',
    differentiable: true,
    inputs: [{ shape: x, values: 'distinct' }],
    build: (image) => maxPool(image, options),
  },
  {
    name: `maxPool indices ${show(x, options)}`,
    op: 'maxPool',
    inputs: [{ shape: x, values: { below: 4 } }],
    build: (image) => maxPool(image, options).node.outputs,
  },
]);

const averageCases = geometries.flatMap(([x, options]): OpCase[] =>
  [true, false].map((countIncludePad) => ({
    name: `averagePool ${show(x, { ...options, countIncludePad })}`,
    op: 'averagePool',
    differentiable: true,
    inputs: [{ shape: x }],
    build: (image) => averagePool(image, { ...options, countIncludePad }),
  })),
);

const adaptiveCases = (
  [
    [
      [2, 8, 8, 3],
      [7, 7],
    ],
    [
      [1, 13, 15, 2],
      [7, 7],
    ],
    [
      [1, 5, 4, 2],
      [2, 3],
    ],
    [
      [2, 3, 3, 2],
      [1, 1],
    ],
    [
      [1, 2, 3, 1],
      [5, 4],
    ],
  ] as const
).map(
  ([x, size]): OpCase => ({
    name: `adaptiveAveragePool [${x}] to [${size}]`,
    op: 'adaptiveAveragePool',
    differentiable: true,
    inputs: [{ shape: x }],
    build: (image) => adaptiveAveragePool(image, size),
  }),
);

const windows = { window: [3, 2], stride: [2, 2], padding: [1, 1, 0, 1] } as const;

const oddNumbers: OpCase[] = [
  {
    name: 'maxPool of NaN and infinities',
    op: 'maxPool',
    build: (x) => maxPool(x, { window: 2 }).node.outputs,
    inputs: [
      {
        shape: [1, 2, 6, 1],
        values: [1, Number.NaN, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 3, Number.POSITIVE_INFINITY],
      },
    ],
  },
  {
    name: 'maxPool of minus infinity beside padding',
    op: 'maxPool',
    inputs: [{ shape: [1, 3, 3, 2], values: [Number.NEGATIVE_INFINITY] }],
    build: (x) => maxPool(x, { window: 3, padding: 1, stride: 2 }).node.outputs,
  },
];

const adjointCases: OpCase[] = [
  {
    name: 'maxPoolGrad of one pixel that wins often',
    op: 'maxPoolGrad',
    differentiable: true,
    inputs: [{ shape: [1, 3, 3, 17] }, { shape: [1, 3, 3, 17], dtype: 'int32', values: [4] }],
    build: (gy, indices) => applyByName('maxPoolGrad', [gy, indices], { inputShape: [1, 3, 3, 17] }),
  },
  {
    name: 'maxPoolGrad',
    op: 'maxPoolGrad',
    differentiable: true,
    inputs: [{ shape: [2, 2, 3, 2] }, { shape: [2, 2, 3, 2], dtype: 'int32', values: { below: 20 } }],
    build: (gy, indices) => applyByName('maxPoolGrad', [gy, indices], { inputShape: [2, 4, 5, 2] }),
  },
  ...[true, false].map(
    (countIncludePad): OpCase => ({
      name: `averagePoolGrad, padding ${countIncludePad ? 'counted' : 'left out'}`,
      op: 'averagePoolGrad',
      differentiable: true,
      inputs: [{ shape: [2, 3, 3, 2] }],
      build: (gy) => applyByName('averagePoolGrad', [gy], { ...windows, countIncludePad, inputShape: [2, 5, 5, 2] }),
    }),
  ),
  ...(
    [
      [
        [2, 2, 3, 2],
        [2, 5, 4, 2],
      ],
      [
        [1, 4, 4, 9],
        [1, 3, 2, 9],
      ],
    ] as const
  ).map(
    ([gy, inputShape]): OpCase => ({
      name: `adaptiveAveragePoolGrad [${gy}] to [${inputShape}]`,
      op: 'adaptiveAveragePoolGrad',
      differentiable: true,
      inputs: [{ shape: gy }],
      build: (g) => applyByName('adaptiveAveragePoolGrad', [g], { inputShape }),
    }),
  ),
];

const globalCases: OpCase[] = [
  {
    name: 'globalAveragePool',
    op: 'sum',
    inputs: [{ shape: [2, 3, 5, 4] }],
    build: globalAveragePool,
    differentiable: true,
  },
  {
    name: 'globalMaxPool',
    op: 'max',
    inputs: [{ shape: [2, 3, 5, 4], values: 'distinct' }],
    build: globalMaxPool,
    differentiable: true,
  },
];

export const poolCases: OpCase[] = [
  ...maxCases,
  ...averageCases,
  ...adaptiveCases,
  ...oddNumbers,
  ...adjointCases,
  ...globalCases,
];

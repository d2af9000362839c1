/** Convolution and its adjoints, and the copies of patches that they are made of. */
import type { Shape } from '../../lib/graph/tensor';
import { type Conv2dOptions, conv2d } from '../../lib/ops/conv2d';
import { col2im, im2col } from '../../lib/ops/im2col';
import { applyByName, type OpCase } from './case';

/** x [N, H, W, C], then the kernel [kh, kw], the number of filters and the options. */
type Geometry = readonly [x: Shape, window: readonly [number, number], filters: number, options: Conv2dOptions];

const geometries: readonly Geometry[] = [
  [[1, 3, 3, 1], [2, 2], 1, {}],
  [[2, 5, 6, 3], [1, 1], 4, {}],
  [[2, 5, 6, 3], [1, 1], 4, { stride: 2 }],
  [[2, 5, 6, 3], [3, 3], 4, { padding: 'same' }],
  [[2, 5, 6, 3], [3, 3], 4, { padding: 1, stride: 2 }],
  [[1, 7, 5, 2], [3, 2], 3, { padding: [1, 0], stride: [2, 1] }],
  [[1, 7, 5, 2], [2, 3], 3, { padding: [1, 0, 2, 1], stride: [1, 3] }],
  [[1, 6, 6, 2], [2, 2], 2, { padding: 'full' }],
  [[1, 9, 8, 2], [3, 3], 2, { dilation: 2, padding: 2 }],
  [[1, 9, 8, 2], [3, 2], 2, { dilation: [3, 2], stride: 2, padding: 'same' }],
  [[1, 8, 8, 1], [5, 5], 2, { padding: 'same' }],
  [[1, 8, 8, 1], [7, 7], 2, { padding: 3, stride: 3 }],
  [[2, 5, 5, 4], [3, 3], 6, { groups: 2, padding: 1 }],
  [[1, 5, 5, 6], [3, 3], 6, { groups: 3, stride: 2, padding: 'same' }],
  [[2, 6, 5, 3], [3, 3], 3, { groups: 3, padding: 1 }],
  [[1, 6, 5, 3], [3, 3], 6, { groups: 3, padding: 1, stride: 2 }],
  [[1, 6, 5, 4], [2, 2], 4, { groups: 4, dilation: 2 }],
  [[1, 4, 4, 2], [4, 4], 3, {}],
  [[1, 7, 7, 2], [2, 2], 2, { stride: 3 }],
  [[0, 5, 5, 2], [3, 3], 2, { padding: 1 }],
];

/** Enough pixels and channels for more than one panel of the product; sums of up to 400 products round more. */
const largeGeometries: readonly Geometry[] = [
  [[3, 17, 19, 5], [3, 3], 9, { padding: 1 }],
  [[2, 28, 28, 1], [5, 5], 6, { padding: 2 }],
  [[2, 14, 14, 16], [5, 5], 33, {}],
  [[2, 16, 16, 24], [3, 3], 24, { groups: 24, padding: 1 }],
  [[2, 12, 12, 32], [1, 1], 65, {}],
];

const show = (options: object): string => JSON.stringify(options).replaceAll('"', '');

const kernelShape = ([x, window, filters, options]: Geometry): Shape => [
  ...window,
  (x[3] as number) / (options.groups ?? 1),
  filters,
];

function convCase(geometry: Geometry, more: Partial<OpCase>): OpCase {
  const [x, window, filters, options] = geometry;
  return {
    name: `conv2d [${x}] with [${window}] to ${filters} ${show(options)}`,
    op: 'conv2d',
    ...more,
    inputs: [{ shape: x }, { shape: kernelShape(geometry) }],
    build: (image, kernel) => conv2d(image, kernel, options),
  };
}

const normalized = { stride: [2, 1], padding: [1, 0, 0, 1], dilation: [1, 2] } as const;

/** x [2, 6, 5, 4], w [3, 2, 4 / groups, 6]: the output is [2, 3, 4, 6]. */
const adjointCases: OpCase[] = [1, 2].flatMap((groups): OpCase[] => {
  const weightShape = [3, 2, 4 / groups, 6];
  const attributes = { ...normalized, groups };
  return [
    {
      name: `conv2dGradInput of ${groups} groups`,
      op: 'conv2dGradInput',
      differentiable: true,
      inputs: [{ shape: [2, 3, 4, 6] }, { shape: weightShape }],
      build: (gy, w) => applyByName('conv2dGradInput', [gy, w], { ...attributes, inputShape: [2, 6, 5, 4] }),
    },
    {
      name: `conv2dGradWeights of ${groups} groups`,
      op: 'conv2dGradWeights',
      differentiable: true,
      inputs: [{ shape: [2, 6, 5, 4] }, { shape: [2, 3, 4, 6] }],
      build: (x, gy) => applyByName('conv2dGradWeights', [x, gy], { ...attributes, weightShape }),
    },
  ];
});

const patchOptions = [
  { window: [2, 2] },
  { window: [3, 3], padding: 1 },
  { window: [3, 2], stride: 2, padding: 1, dilation: 2 },
  { window: [2, 3], stride: [1, 2], padding: [0, 1, 2, 0] },
] as const;

const patchCases = patchOptions.flatMap((options): OpCase[] => [
  {
    name: `im2col ${show(options)}`,
    op: 'im2col',
    differentiable: true,
    inputs: [{ shape: [2, 6, 7, 3] }],
    build: (x) => im2col(x, options),
  },
  {
    name: `col2im ${show(options)}`,
    op: 'col2im',
    differentiable: true,
    inputs: [{ shape: [2, 6, 7, 3] }],
    build: (x) => col2im(im2col(x, options), { ...options, inputShape: [2, 6, 7, 3] }),
  },
]);

export const convCases: OpCase[] = [
  ...geometries.map((geometry) => convCase(geometry, { differentiable: true })),
  ...largeGeometries.map((geometry) => convCase(geometry, { tolerance: { absolute: 1e-4, relative: 1e-4 } })),
  ...adjointCases,
  ...patchCases,
];

/** Transposed convolutions: the adjoint op with less padding behind, and what no pixel reaches. */
import type { Shape } from '../../lib/graph/tensor';
import { type Conv2dTransposeOptions, conv2dTranspose } from '../../lib/ops/conv2d-transpose';
import type { OpCase } from './case';

const geometries: readonly (readonly [x: Shape, w: Shape, options: Conv2dTransposeOptions])[] = [
  [[1, 3, 3, 1], [2, 2, 1, 1], {}],
  [[2, 3, 4, 3], [4, 4, 2, 3], { stride: 2, padding: 1 }],
  [[2, 3, 4, 3], [3, 3, 2, 3], { stride: 2, padding: 1, outputPadding: 1 }],
  [[1, 3, 4, 2], [3, 2, 2, 2], { stride: [2, 3], padding: [1, 0], outputPadding: [1, 2], dilation: [1, 2] }],
  [[1, 3, 4, 2], [1, 2, 3, 2], { stride: 3, outputPadding: 2 }],
  [[1, 3, 4, 2], [3, 3, 2, 2], { padding: 'same', stride: 2 }],
  [[1, 3, 4, 2], [2, 2, 2, 2], { padding: 'same', stride: 3 }],
  [[1, 4, 4, 4], [3, 3, 1, 4], { stride: 2, padding: 1, groups: 4 }],
  [[1, 4, 4, 4], [3, 3, 3, 4], { stride: 2, padding: [1, 0, 0, 2], groups: 2 }],
  [[0, 4, 4, 4], [3, 3, 3, 4], { stride: 2 }],
];

export const convTransposeCases: OpCase[] = geometries.map(([x, w, options]) => ({
  name: `conv2dTranspose [${x}] with [${w}] ${JSON.stringify(options).replaceAll('"', '')}`,
  op: 'conv2dGradInput',
  differentiable: true,
  inputs: [{ shape: x }, { shape: w }],
  build: (image, weights) => conv2dTranspose(image, weights, options),
}));

/** Softmax and its logarithm: widths around vector registers, other axes, large and infinite scores. */
import { logSoftmax, softmax } from '../../lib/ops/softmax';
import type { OpCase } from './case';

export const softmaxCases: OpCase[] = Object.entries({ softmax, logSoftmax }).flatMap(([op, apply]): OpCase[] => [
  ...[1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 511, 513, 1025].map(
    (width): OpCase => ({
      name: `${op} of rows of ${width}`,
      op,
      differentiable: width < 20,
      inputs: [{ shape: [3, width] }],
      build: (x) => apply(x),
    }),
  ),
  ...[0, 1, -2].map(
    (axis): OpCase => ({
      name: `${op} along axis ${axis}`,
      op,
      differentiable: true,
      inputs: [{ shape: [2, 3, 4] }],
      build: (x) => apply(x, { axis }),
    }),
  ),
  { name: `${op} of a vector`, op, differentiable: true, inputs: [{ shape: [5] }], build: (x) => apply(x) },
  { name: `${op} of many rows`, op, inputs: [{ shape: [1025, 10] }], build: (x) => apply(x) },
  { name: `${op} of no rows`, op, inputs: [{ shape: [0, 5] }], build: (x) => apply(x) },
  {
    name: `${op} of large scores`,
    op,
    build: (x) => apply(x),
    inputs: [{ shape: [3, 4], values: [1000, 1001, 1002, 999, -1000, -1001, -1002, -999, 0, 200, -200, 88] }],
  },
  {
    name: `${op} with masked scores`,
    op,
    build: (x) => apply(x),
    inputs: [{ shape: [2, 3], values: [Number.NEGATIVE_INFINITY, 0, 1, Number.NaN, 0, 1] }],
  },
]);

/** Inverted bottlenecks: with and without expansion, strides, bounds. */
import { invertedBottleneck, unbounded } from '../../lib/ops/inverted-bottleneck';
import type { OpCase } from './case';

const sliding = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1] } as const;

export const invertedBottleneckCases: OpCase[] = [
  {
    name: 'invertedBottleneck with expansion',
    op: 'invertedBottleneck',
    inputs: [
      { shape: [2, 7, 6, 5] },
      { shape: [1, 1, 5, 12] },
      { shape: [12] },
      { shape: [3, 3, 1, 12] },
      { shape: [12] },
      { shape: [1, 1, 12, 4] },
    ],
    build: (x, w1, b1, w2, b2, w3) =>
      invertedBottleneck(
        x,
        { weights: w1, bias: b1, clip: [0, 6] },
        { weights: w2, bias: b2, clip: [0, 6], ...sliding },
        w3,
      ),
  },
  {
    name: 'invertedBottleneck without expansion, with stride',
    op: 'invertedBottleneck',
    inputs: [{ shape: [1, 8, 9, 10] }, { shape: [3, 3, 1, 10] }, { shape: [10] }, { shape: [1, 1, 10, 7] }],
    build: (x, w2, b2, w3) =>
      invertedBottleneck(x, undefined, { weights: w2, bias: b2, clip: [0, 6], ...sliding, stride: [2, 2] }, w3),
  },
  {
    name: 'invertedBottleneck without bounds, dilated',
    op: 'invertedBottleneck',
    inputs: [
      { shape: [1, 9, 9, 3] },
      { shape: [1, 1, 3, 70] },
      { shape: [70] },
      { shape: [3, 3, 1, 70] },
      { shape: [70] },
      { shape: [1, 1, 70, 5] },
    ],
    build: (x, w1, b1, w2, b2, w3) =>
      invertedBottleneck(
        x,
        { weights: w1, bias: b1, clip: unbounded },
        { weights: w2, bias: b2, clip: unbounded, ...sliding, dilation: [2, 2] },
        w3,
      ),
  },
];

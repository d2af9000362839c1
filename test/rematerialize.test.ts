/** Large values that are made again in the backward half: the same gradients from less memory. */
import { compile } from '../lib/compiler/compile';
import { gradients } from '../lib/compiler/differentiate';
import { bytesOf, type Tensor } from '../lib/graph/tensor';
import type { Value } from '../lib/graph/value';
import { conv2d } from '../lib/ops/conv2d';
import { mul, square } from '../lib/ops/elementwise';
import { sum } from '../lib/ops/reduce';
import { feed } from '../lib/ops/source';
import { tensorOf } from './cases/case';
import { expectClose } from './closeness';
import { runNative } from './native-run';

const depth = 12;
const [rows, columns, channels] = [1200, 1800, 4];

/** Squares behind 1 x 1 convolutions: every layer keeps its x for the square and its y for the next convolution. */
function network(height: number): { feeds: Value[]; gradients: Value[]; activation: Value } {
  const shape = [1, height, columns, channels];
  const weights = Array.from({ length: depth }, (_, i) => feed(`w${i}`, [1, 1, channels, channels]));
  const x = feed('x', shape);
  const g = feed('g', shape);
  const output = weights.reduce((x, w) => square(conv2d(x, w)), x);
  return {
    feeds: [x, g, ...weights],
    gradients: gradients(sum(mul(output, g)), weights) as Value[],
    activation: output,
  };
}

/** Weights whose layers keep the size of numbers near 1: a permutation of the channels and a little noise. */
function weightsOf(): Record<string, Tensor> {
  const noise = tensorOf({ shape: [depth, channels, channels] }, 5).data;
  return Object.fromEntries(
    Array.from({ length: depth }, (_, layer) => {
      const data = Float32Array.from({ length: channels * channels }, (_v, i) => {
        const isKept = (Math.floor(i / channels) + 1) % channels === i % channels;
        return (isKept ? 1 : 0) + 1e-4 * (noise[layer * channels * channels + i] as number);
      });
      return [`w${layer}`, { dtype: 'float32' as const, shape: [1, 1, channels, channels], data }];
    }),
  );
}

/** Rows [begin, end) of numbers that are all near 1. */
function images(begin: number, end: number, spread: number): Tensor {
  const row = columns * channels;
  const data = Float32Array.from({ length: (end - begin) * row }, (_, i) => {
    const place = begin * row + i;
    return 1 + spread * (((place * 7919) % 1013) / 1013 - 0.5);
  });
  return { dtype: 'float32', shape: [1, end - begin, columns, channels], data };
}

test('a large network is planned with about half of its activations', () => {
  const { gradients: outputs, activation, feeds } = network(rows);
  const { steps, arena } = compile({ outputs: Object.fromEntries(outputs.map((value, i) => [`g${i}`, value])), feeds });
  const again = steps.filter(({ label }) => label.endsWith(', again'));
  expect(again.length).toBeGreaterThanOrEqual(depth / 4);
  expect(arena.bytes).toBeLessThan(1.6 * depth * bytesOf(activation));
});

test('gradients are the sums of those of two halves, in which nothing is made again', async () => {
  const weights = weightsOf();
  const run = (begin: number, end: number) =>
    runNative(network(end - begin).gradients, {
      ...weights,
      x: images(begin, end, 1e-3),
      g: images(begin, end, 0.5),
    });
  const whole = await run(0, rows);
  const [first, second] = [await run(0, rows / 2), await run(rows / 2, rows)];
  whole.forEach((gradient, i) => {
    const halves = (first[i] as Tensor).data.map((value, j) => value + ((second[i] as Tensor).data[j] as number));
    expectClose(
      gradient as Tensor,
      { shape: (gradient as Tensor).shape, data: halves as Float32Array },
      {
        absolute: 1,
        relative: 1e-4,
      },
    );
  });
});

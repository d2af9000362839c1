/** Batch normalisation in float32 on data far away from zero: one pass gathers both statistics without losing digits. */
import { gradients } from '../lib/compiler/differentiate';
import { batchNormalize } from '../lib/functions';
import { sizeOf, type Tensor } from '../lib/graph/tensor';
import type { Value } from '../lib/graph/value';
import { mul } from '../lib/ops/elementwise';
import { sum } from '../lib/ops/reduce';
import { feed } from '../lib/ops/source';
import { evaluate, widen } from '../lib/reference';
import { tensorOf } from './cases/case';
import { runNative } from './native-run';

const shape = [16, 6, 6, 24];

/** Normal numbers around `mean` with standard deviation 1. */
function around(mean: number): Tensor {
  const { data, ...type } = tensorOf({ shape }, 3);
  return { ...type, data: data.map((number) => number + mean) };
}

/** The largest difference from the float64 reference, as a share of the reference's largest number, of each value. */
async function errors(values: readonly Value[], tensors: Readonly<Record<string, Tensor>>): Promise<number[]> {
  const exact = evaluate(values, new Map(Object.entries(tensors).map(([name, tensor]) => [name, widen(tensor)])));
  const found = await runNative(values, tensors);
  return exact.map(({ data }, i) => {
    const numbers = (found[i] as Tensor).data;
    const largest = (of: (j: number) => number) =>
      Array.from(data, (_, j) => Math.abs(of(j))).reduce((a, b) => Math.max(a, b), 0);
    return largest((j) => (numbers[j] as number) - (data[j] as number)) / largest((j) => data[j] as number);
  });
}

const x = feed('x', shape);
const upstream = feed('g', shape);
const guess = feed('guess', [24]);
const g = tensorOf({ shape }, 4);
const guessed = (number: number): Tensor => ({
  dtype: 'float32',
  shape: [24],
  data: new Float32Array(24).fill(number),
});

test.each([
  { mean: 0, variance: 1e-6, output: 1e-6, slope: 1e-5 },
  { mean: 10, variance: 1e-6, output: 1e-6, slope: 1e-5 },
  { mean: 1000, variance: 1e-6, output: 1e-6, slope: 1e-5 },
  { mean: -1e5, variance: 1e-6, output: 1e-6, slope: 1e-5 },
])('data around $mean: statistics, output and gradient', async ({ mean, ...limits }) => {
  const made = batchNormalize(x);
  const [slope] = gradients(sum(mul(made.output, upstream)), [x]) as [Value];
  const [variance, output, ofX] = await errors([made.variance, made.output, slope], { x: around(mean), g });
  expect(variance).toBeLessThan(limits.variance);
  expect(output).toBeLessThan(limits.output);
  expect(ofX).toBeLessThan(limits.slope);
});

// The error grows with the square of the distance in standard deviations, as documented.
test.each([
  { distance: 3, limit: 3e-6 },
  { distance: 30, limit: 3e-4 },
  { distance: 100, limit: 3e-3 },
])('a guess that is $distance standard deviations away', async ({ distance, limit }) => {
  const { variance } = batchNormalize(x, { guess });
  const [error] = await errors([variance], { x: around(1000), guess: guessed(1000 - distance) });
  expect(error).toBeLessThan(limit);
});

test('constant channels have variance 0 and give beta, however bad the guess', async () => {
  const { output, variance } = batchNormalize(x, { guess, beta: 2 });
  const tensors = {
    x: { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)).fill(0.3) } as const,
    guess: guessed(-7),
  };
  const [numbers, spread] = await runNative([output, variance], tensors);
  expect(Math.max(...(spread as Tensor).data)).toBeLessThan(1e-4);
  expect(Math.min(...(numbers as Tensor).data)).toBeCloseTo(2, 3);
  expect(Math.max(...(numbers as Tensor).data)).toBeCloseTo(2, 3);
});

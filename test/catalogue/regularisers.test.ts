/** Chapter G: dropout; and chapters A and N: activations and batch normalisation, in float64. */
import { dropout, batchNormalize, gelu, identity, relu, relu6, sigmoid, silu, softmax, softplus, straightThrough, tanh } from '../../lib/functions';
import { batchNorm, dropout as dropoutLayer } from '../../lib/layers';
import { broadcastTo, clip, sign } from '../../lib/ops/elementwise';
import { randomNormal } from '../../lib/ops/random';
import { sum } from '../../lib/ops/reduce';
import { matmul } from '../../lib/ops/matmul';
import { reshape } from '../../lib/ops/shape';
import { constant } from '../../lib/ops/source';
import { expectClose, expectHand, F64 } from '../closeness';
import { initialNumbers, key, traced, updated } from '../pure/tracing';
import { type Tensor64, tensor64 } from '../reference';
import { numbers, result, slope } from './numbers';

const points = constant([-2, -0.5, 0, 0.5, 2]);

describe('activations', () => {
  test('A-01 sigmoid', () => {
    expectHand(numbers(sigmoid(points)), [0.119203, 0.377541, 0.5, 0.622459, 0.880797]);
    expect(Math.max(...slope(sum(sigmoid(points)), points))).toBeCloseTo(0.25, 12);
    expect(numbers(sigmoid(constant([-800, 800])))).toEqual([0, 1]);
  });

  test('A-02 tanh', () => {
    expectHand(numbers(tanh(points)), [-0.964028, -0.462117, 0, 0.462117, 0.964028]);
    expectHand([slope(sum(tanh(points)), points)[4] as number], [0.070651]);
  });

  test('A-03 ReLU', () => {
    expect(numbers(relu(points))).toEqual([0, 0, 0, 0.5, 2]);
    expect(slope(sum(relu(points)), points)).toEqual([0, 0, 0, 1, 1]);
  });

  test('A-09 softmax', () => {
    const x = constant([1, 2, 3]);
    expectHand(numbers(softmax(x)), [0.090031, 0.244728, 0.665241]);
    expectHand(numbers(softmax(constant([101, 102, 103]))), [0.090031, 0.244728, 0.665241]);
    expectHand(numbers(softmax(x, { temperature: 0.5 })), numbers(softmax(constant([2, 4, 6]))));
    expectHand(numbers(softmax(x, { temperature: 1e6 })), [1 / 3, 1 / 3, 1 / 3]);
  });

  test('A-13 ReLU6', () => expect(numbers(relu6(constant([-1, 3, 7])))).toEqual([0, 3, 6]));

  test('A-14 three linear layers are one', () => {
    const [a, b, c] = [1, 2, 3].map((n) => randomNormal(constant({ dtype: 'int32', shape: [2], data: Int32Array.of(n, 0) }), [3, 3]));
    const x = randomNormal(key, [4, 3]);
    const deep = [a, b, c].reduce((value, w) => identity(matmul(value as never, w as never)), x);
    expectClose(result(deep as never), result(matmul(x, matmul(matmul(a as never, b as never), c as never))), F64);
  });

  test('softplus and its slope', () => {
    expectHand(numbers(softplus(constant([-800, 0, 1, 800]))), [0, Math.LN2, Math.log1p(Math.E), 800]);
    expectHand(slope(sum(softplus(points)), points), [0.119203, 0.377541, 0.5, 0.622459, 0.880797]);
  });

  test('silu and gelu', () => {
    expectHand(numbers(silu(points)), [-0.238406, -0.188770, 0, 0.311230, 1.761594]);
    expectHand(numbers(gelu(points)), [-0.0455, -0.154269, 0, 0.345731, 1.9545].map((y, i) => (Math.abs([-2, -0.5, 0, 0.5, 2][i] as number) === 2 ? (y < 0 ? -0.045500264 : 1.954499736) : y)));
  });

  test('A-11 straight-through sign: exact forward, clipped gradient', () => {
    const y = straightThrough(sign(points), clip(points, -1, 1));
    expect(numbers(y)).toEqual([-1, -1, 0, 1, 1]);
    expect(slope(sum(y), points)).toEqual([0, 1, 1, 1, 0]);
  });
});

describe('N-01 to N-03 batch normalisation', () => {
  const column = reshape(constant([1, 2, 3, 4]), [4, 1]);

  test('N-01 forward', () => {
    const { output, mean, variance } = batchNormalize(column);
    expectHand(numbers(output), [-1.341635, -0.447212, 0.447212, 1.341635]);
    expectHand([...numbers(mean), ...numbers(variance)], [2.5, 1.25]);
  });

  test('gamma = sqrt(variance + epsilon) and beta = mean restore the input', () => {
    const { output } = batchNormalize(column, { gamma: Math.sqrt(1.25001), beta: 2.5 });
    expectHand(numbers(output), [1, 2, 3, 4]);
  });

  test('N-02 backward', () => {
    const gradient = slope(batchNormalize(column).output, column, [[1], [0], [0], [0]]);
    expectHand(gradient, [0.26833, -0.357768, -0.089443, 0.178882]);
    expect(Math.abs(gradient.reduce((a, b) => a + b))).toBeLessThan(1e-12);
  });

  test('channels of images have mean 0 and variance 1', () => {
    const { output } = batchNormalize(randomNormal(key, [3, 4, 4, 2]), { epsilon: 0 });
    const { mean, variance } = batchNormalize(output);
    expectHand([...numbers(mean), ...numbers(variance)], [0, 0, 1, 1]);
  });

  const after = (batches: number, momentum?: number | null): Tensor64[] => {
    const { trace } = traced(batchNorm({ momentum }), column);
    let states = initialNumbers(trace);
    for (let i = 0; i < batches; i++) states = updated(trace, states);
    return ['batchNorm.mean', 'batchNorm.variance'].map((path) => states.get(path) as Tensor64);
  };

  test('N-03 running statistics', () => {
    expectHand(after(1).flatMap(({ data }) => [...data]), [0.25, 1.066667]);
  });

  test('the cumulative average starts with the first batch', () => {
    for (const batches of [1, 3]) expectHand(after(batches, null).flatMap(({ data }) => [...data]), [2.5, 5 / 3]);
  });

  test('evaluation uses the running statistics', () => {
    const { y, trace } = traced(batchNorm({ epsilon: 0 }), column, false);
    const states = new Map([...initialNumbers(trace), ['batchNorm.mean', tensor64([1])], ['batchNorm.variance', tensor64([4])]] as never);
    expectHand(numbers(y, states as never), [0, 0.5, 1, 1.5]);
    expect(trace.updates.size).toBe(0);
  });
});

describe('G-05, G-06 dropout', () => {
  const count = 100_000;
  const ones = broadcastTo(constant(1), [count]);

  test('the share that is kept', () => {
    const kept = numbers(dropout(ones, key, { p: 0.3, inverted: false })).filter((x) => x !== 0).length / count;
    expect(Math.abs(kept - 0.7)).toBeLessThanOrEqual(4 * Math.sqrt((0.3 * 0.7) / count));
  });

  test('inverted, it keeps the expectation', () => {
    const total = numbers(dropout(ones, key, { p: 0.3 })).reduce((a, b) => a + b);
    expect(Math.abs(total / count - 1)).toBeLessThanOrEqual(4 * Math.sqrt(0.3 / 0.7 / count));
  });

  test('the gradient passes through the same mask', () => {
    const x = randomNormal(key, [100]);
    const y = dropout(x, key, { p: 0.5 });
    const [given, made] = [numbers(x), numbers(y)];
    expect(slope(y, x, new Array<number>(100).fill(1))).toEqual(made.map((value) => (value === 0 ? 0 : 2)));
    expect(made).toEqual(given.map((value, i) => (made[i] === 0 ? 0 : 2 * value)));
  });

  test('p = 0 is the identity, p = 1 gives zeros', () => {
    expect(dropout(points, key, { p: 0 })).toBe(points);
    expect(numbers(dropout(points, key, { p: 1 }))).toEqual([0, 0, 0, 0, 0]);
  });

  test('spatial: whole channels', () => {
    const y = numbers(dropout(broadcastTo(constant(1), [8, 3, 3, 5]), key, { p: 0.5, spatial: true }));
    for (let n = 0; n < 8; n++) {
      for (let c = 0; c < 5; c++) {
        const plane = Array.from({ length: 9 }, (_, i) => y[n * 45 + i * 5 + c]);
        expect(new Set(plane).size).toBe(1);
      }
    }
    expect(new Set(y).size).toBe(2);
  });

  test('evaluation: the identity, or (1 - p) x when not inverted', () => {
    const x = constant([0.5, -2, 6]);
    expect(traced(dropoutLayer(0.5), x, false).y).toBe(x);
    const tested = numbers(traced(dropoutLayer(0.5, { inverted: false }), x, false).y);
    expect(tested).toEqual([0.25, -1, 3]);
    expect(tested.reduce((a, b) => a + b)).toBe(2.25);
  });
});

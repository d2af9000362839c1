/** Binary activations and weights: the printed numbers, in float64. */
import { gradients } from '../../lib/compiler/differentiate';
import {
  binarySign,
  binaryWeights,
  hardSigmoid,
  hardTanh,
  stochasticSign,
  type WeightGradient,
} from '../../lib/functions';
import { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import { type BinaryConv2dOptions, binaryConv2d, binaryDense } from '../../lib/layers';
import { scaleMapOf } from '../../lib/layers/binary-conv2d';
import { conv2d } from '../../lib/ops/conv2d';
import { add, mul, square, sub } from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { sum } from '../../lib/ops/reduce';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, type Tensor64, tensor64 } from '../../lib/reference';
import { expectClose, expectHand, F64 } from '../closeness';
import { runNative } from '../native-run';
import { key, newTrace } from '../pure/tracing';
import { numbers, slope } from './numbers';

const points = constant([-2, -0.5, 0, 0.5, 2]);
const ones = [1, 1, 1, 1, 1];

describe('A-10 hard tanh', () => {
  test('values', () => expect(numbers(hardTanh(points))).toEqual([-1, -0.5, 0, 0.5, 1]));
  test('the gradient is 1 up to the bounds', () => {
    const x = constant([-1.001, -1, 0.3, 1, 1.001]);
    expect(slope(hardTanh(x), x, ones)).toEqual([0, 1, 1, 1, 0]);
  });
});

describe('A-11 sign with straight-through estimator', () => {
  test('sign(0) is 1, here and natively', async () => {
    expect(numbers(binarySign(points))).toEqual([-1, -1, 1, 1, 1]);
    const [native] = await runNative([binarySign(constant([-1e-30, -0, 0, 1e-30, Number.NaN]))], {});
    expect([...(native?.data ?? [])]).toEqual([-1, 1, 1, 1, -1]);
  });

  test('gradient', () => expect(slope(binarySign(points), points, ones)).toEqual([0, 1, 1, 1, 0]));

  test('the polynomial of Bi-Real Net: 2 - 2 |x|', () => {
    const x = constant([-2, -0.5, 0, 0.25, 2]);
    const y = binarySign(x, { surrogate: 'polynomial' });
    expect(numbers(y)).toEqual([-1, -1, 1, 1, 1]);
    expect(slope(y, x, ones)).toEqual([0, 1, 2, 1.5, 0]);
  });
});

test('A-12 hard sigmoid', () => {
  const x = constant([-1, -0.5, 0, 0.5, 1]);
  expect(numbers(hardSigmoid(x))).toEqual([0, 0.25, 0.5, 0.75, 1]);
});

describe('Q-27 stochastic binarisation', () => {
  const weights = [-2, -0.4, 0, 0.2, 1.5];
  const chances = [0, 0.3, 0.5, 0.6, 1];

  test('probabilities', () => expectHand(numbers(hardSigmoid(constant(weights))), chances));

  test('1e5 draws of each agree within 4 deviations', async () => {
    const draws = 1e5;
    const rows = mul(
      constant([weights]),
      constant({ dtype: 'float32', shape: [draws, 1], data: new Float32Array(draws).fill(1) }),
    );
    const [total] = await runNative([sum(stochasticSign(rows, key), { axes: 0 })], {});
    chances.forEach((p, i) => {
      const share = ((total?.data[i] as number) / draws + 1) / 2;
      expect(Math.abs(share - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / draws));
    });
  });
});

/** The filter of the printed example, [3, 2, 1, 1] as weights of one filter. */
const filter = [0.5, -1, 0.25, -0.25, 0.75, -0.5];
const w = constant({ dtype: 'float32', shape: [2, 3, 1, 1], data: Float32Array.from(filter) });

describe('Q-31 binary-weight network', () => {
  const { signs, scale } = binaryWeights(w);
  const error = (factor: Value) => numbers(sum(square(sub(w, mul(signs, factor)))))[0] as number;

  test('the factor and its error', () => {
    expectHand(numbers(scale), [0.541667]);
    expect(numbers(signs)).toEqual([1, -1, 1, -1, 1, -1]);
    expectHand([error(scale)], [0.427083]);
  });

  test('any other factor is worse', () => {
    for (const change of [-0.3, -0.01, 0.01, 0.3]) expect(error(add(scale, change))).toBeGreaterThan(error(scale));
  });

  test('every filter has its own', () => {
    const two = constant([
      [1, -3],
      [-2, 5],
    ]);
    expect(numbers(binaryWeights(two).scale)).toEqual([1.5, 4]);
  });
});

describe('Q-33 gradient of scaled signs', () => {
  const given = (gradient: WeightGradient) => {
    const { signs, scale } = binaryWeights(w, { gradient });
    const seed = constant({ dtype: 'float32', shape: w.shape, data: Float32Array.of(1, 0, 0, 0, 0, 0) });
    return slope(sum(mul(mul(signs, scale), seed)), w);
  };

  test('as in the paper', () => expectHand(given('paper'), [0.708333, 0, 0, 0, 0, 0]));
  test('exact', () => expectHand(given('exact'), [0.708333, -0.166667, 0.166667, -0.166667, 0.166667, -0.166667]));
});

/** A layer's numbers for given weights, and the gradient of their sum to the input and to the weights. */
function applied(block: ReturnType<typeof binaryDense>, x: Tensor64, weight: Tensor64) {
  const trace = newTrace(false);
  const input = feed('x', x.shape);
  const y = block(input, new Scope(trace));
  const [declared] = [...trace.declarations.values()];
  const wanted = [y, ...gradients(sum(y), [input, declared?.value as Value])];
  const states = new Map([[declared?.path as string, weight]]);
  return evaluate(wanted as Value[], new Map([['x', x]]), states).map(({ data }) => [...data]) as [
    number[],
    number[],
    number[],
  ];
}

const J = [1, -2, 3, -4, 5, -6, 7, -8, 9];
const image = tensor64(
  J.flatMap((number) => [number, 2 * number]),
  [1, 3, 3, 2],
);
const firstChannel = [1, -2, 3, -4];
const secondChannel = [-1, 2, 1, 1];
const weight = tensor64(
  firstChannel.flatMap((number, i) => [number, secondChannel[i] as number]),
  [2, 2, 2, 1],
);

describe('Q-32 XNOR-Net convolution', () => {
  const valid = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] } as const;
  const convolved = (options: BinaryConv2dOptions) => applied(binaryConv2d(1, 2, options), image, weight)[0];

  test('K', () => {
    const x = constant({ dtype: 'float32', shape: [1, 3, 3, 2], data: Float32Array.from(image.data) });
    expect(numbers(scaleMapOf(x, [2, 2], valid))).toEqual([4.5, 6, 9, 10.5]);
  });

  test('the binary convolution', () => expect(convolved({ method: 'bnn' })).toEqual([-2, 2, 2, -2]));
  test('alpha alone', () => expectHand(convolved({ scaleMap: false }), [-3.75, 3.75, 3.75, -3.75]));
  test('alpha and K', () => expectHand(convolved({}), [-16.875, 22.5, 33.75, -39.375]));

  test('dense: K is one number per example', () => {
    const x = tensor64([1, -2, 3, 4], [2, 2]);
    const [y] = applied(binaryDense(1), x, tensor64([0.5, -1], [2, 1]));
    expectHand(y, [1.5 * 0.75 * 2, 0]);
  });

  test('around the image stands 0, 1 or -1', () => {
    const x = tensor64([3], [1, 1, 1, 1]);
    const all = tensor64([1, 1, 1, 1, 1, 1, 1, 1, 1], [3, 3, 1, 1]);
    const padded = (paddingValue: 0 | 1 | -1) =>
      applied(binaryConv2d(1, 3, { method: 'bnn', padding: 1, paddingValue }), x, all)[0];
    expect([0, 1, -1].map((value) => padded(value as 0 | 1 | -1)[0])).toEqual([1, 9, -7]);
  });
});

test('Q-29 the gradient of two binary layers by hand', () => {
  const x = constant([
    [0.5, -2, 0.25],
    [-0.125, 0.75, 3],
  ]);
  const u = constant([
    [0.5, -0.25],
    [-1.5, 0.125],
    [0.75, -0.5],
  ]);
  const v = constant([[0.75], [-0.5]]);
  const hidden = mul(matmul(binarySign(x), binarySign(u)), 0.3);
  const y = matmul(binarySign(hidden), binarySign(v));
  const loss = sum(mul(square(y), constant([[1], [0.5]])));

  // Forward by hand, then g v^T masked by |h| <= 1, and so on back.
  const sign = (number: number) => (number >= 0 ? 1 : -1);
  const mask = (number: number) => (Math.abs(number) <= 1 ? 1 : 0);
  const [X, U, V] = [x, u, v].map((value) => numbers(value)) as [number[], number[], number[]];
  const h = [0, 1].flatMap((n) =>
    [0, 1].map(
      (k) =>
        0.3 * [0, 1, 2].reduce((total, f) => total + sign(X[n * 3 + f] as number) * sign(U[f * 2 + k] as number), 0),
    ),
  );
  const out = [0, 1].map((n) =>
    [0, 1].reduce((total, k) => total + sign(h[n * 2 + k] as number) * sign(V[k] as number), 0),
  );
  const gy = [2 * (out[0] as number), out[1] as number];
  const gv = [0, 1].map(
    (k) =>
      mask(V[k] as number) * [0, 1].reduce((total, n) => total + (gy[n] as number) * sign(h[n * 2 + k] as number), 0),
  );
  const gh = [0, 1].flatMap((n) =>
    [0, 1].map((k) => 0.3 * mask(h[n * 2 + k] as number) * (gy[n] as number) * sign(V[k] as number)),
  );
  const gu = [0, 1, 2].flatMap((f) =>
    [0, 1].map(
      (k) =>
        mask(U[f * 2 + k] as number) *
        [0, 1].reduce((total, n) => total + (gh[n * 2 + k] as number) * sign(X[n * 3 + f] as number), 0),
    ),
  );
  const gx = [0, 1].flatMap((n) =>
    [0, 1, 2].map(
      (f) =>
        mask(X[n * 3 + f] as number) *
        [0, 1].reduce((total, k) => total + (gh[n * 2 + k] as number) * sign(U[f * 2 + k] as number), 0),
    ),
  );
  const found = evaluate(gradients(loss, [x, u, v]) as Value[]);
  [gx, gu, gv].forEach((expected, i) => {
    expectClose(found[i] as never, tensor64(expected, (found[i] as Tensor64).shape) as never, F64);
    expect(expected.some((number) => number !== 0)).toBe(true);
  });
});

test('factors stand behind the convolution, whose sums of +-1 stay whole', () => {
  const x = tensor64(
    Array.from({ length: 2 * 5 * 5 * 3 }, (_, i) => Math.sin(i * 7)),
    [2, 5, 5, 3],
  );
  const kernel = tensor64(
    Array.from({ length: 3 * 3 * 3 * 2 }, (_, i) => Math.cos(i * 5) / 2),
    [3, 3, 3, 2],
  );
  const [bnn] = applied(binaryConv2d(2, 3, { method: 'bnn', padding: 1 }), x, kernel);
  expect(bnn.every(Number.isInteger)).toBe(true);
  const signsOf = ({ data, shape }: Tensor64) =>
    constant({ dtype: 'float32', shape, data: Float32Array.from(data, (number) => (number >= 0 ? 1 : -1)) });
  expect(bnn).toEqual(numbers(conv2d(signsOf(x), signsOf(kernel), { padding: 1 })));
});

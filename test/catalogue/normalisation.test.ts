/** Chapter N: the printed numbers of batch normalisation, in float64. */
import { gradients } from '../../lib/compiler/differentiate';
import { batchNormalize, l2Normalize, localResponseNorm } from '../../lib/functions';
import type { Value } from '../../lib/graph/value';
import * as layers from '../../lib/layers';
import { add, mul, sqrt } from '../../lib/ops/elementwise';
import { randomNormal } from '../../lib/ops/random';
import { mean, sum, variance } from '../../lib/ops/reduce';
import { reshape } from '../../lib/ops/shape';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, tensor64 } from '../../lib/reference';
import { gradientError } from '../../lib/reference/gradient-check';
import { expectClose, expectHand, F64 } from '../closeness';
import { refusal } from '../io/refusal';
import { initialNumbers, traced } from '../pure/tracing';
import { numbers, slope } from './numbers';

const column = (...values: number[]): Value => reshape(constant(values), [values.length, 1]);
const drawn = (...shape: number[]): Value =>
  add(mul(randomNormal(constant({ dtype: 'int32', shape: [2], data: Int32Array.of(3, 4) }), shape), 2.5), 0.75);

describe('N-01 training forward', () => {
  test('(1, 2, 3, 4)', () => {
    const { output } = batchNormalize(column(1, 2, 3, 4));
    expectHand(numbers(output), [-1.341635, -0.447212, 0.447212, 1.341635]);
  });

  test('the statistics are the mean and the biased variance', () => {
    const made = batchNormalize(column(1, 2, 3, 4));
    expect([numbers(made.mean), numbers(made.variance)]).toEqual([[2.5], [1.25]]);
  });

  test('gamma = sqrt(variance + epsilon) and beta = mean give x back', () => {
    const x = drawn(3, 4, 5, 6);
    const axes = [0, 1, 2];
    const gamma = sqrt(add(variance(x, { axes }), 1e-5));
    const [restored, original] = evaluate([batchNormalize(x, { gamma, beta: mean(x, { axes }) }).output, x]);
    expectClose(restored as never, original as never, F64);
  });

  test('every channel has mean 0 and variance 1, as far as constants in float32 allow', () => {
    const { output } = batchNormalize(drawn(3, 4, 5, 6));
    const [centres, spreads] = evaluate([mean(output, { axes: [0, 1, 2] }), variance(output, { axes: [0, 1, 2] })]);
    for (const centre of centres?.data ?? []) expect(Math.abs(centre)).toBeLessThan(1e-7);
    for (const spread of spreads?.data ?? []) expect(Math.abs(spread - 1)).toBeLessThan(1e-4);
  });
});

describe('N-02 backward', () => {
  test('the statistics are functions of x, not constants', () => {
    const x = column(1, 2, 3, 4);
    const dx = slope(batchNormalize(x).output, x, [[1], [0], [0], [0]]);
    expectHand(dx, [0.26833, -0.357768, -0.089443, 0.178882]);
    expect(Math.abs(dx.reduce((total, g) => total + g, 0))).toBeLessThan(1e-12);
  });

  test('dbeta = sum dy and dgamma = sum dy * xhat', () => {
    const [gamma, beta] = [constant([2]), constant([3])];
    const { output } = batchNormalize(column(1, 2, 3, 4), { gamma, beta });
    const seed = constant([[1], [0], [0], [10]]);
    const [dGamma, dBeta] = evaluate(gradients(output, [gamma, beta], seed));
    expectHand(dBeta?.data ?? [], [11]);
    expectHand(dGamma?.data ?? [], [-1.341635 + 13.416353]);
  });

  test('agrees with finite differences', () => {
    const [x, gamma, beta] = [feed('x', [2, 3, 2, 4]), feed('gamma', [4]), feed('beta', [4])];
    const weight = drawn(2, 3, 2, 4);
    const feeds = new Map([
      [
        'x',
        tensor64(
          [...Array(48).keys()].map((i) => Math.sin(i * i)),
          [2, 3, 2, 4],
        ),
      ],
      ['gamma', tensor64([0.5, 1, 2, -1])],
      ['beta', tensor64([0, 1, -1, 0.5])],
    ]);
    const { output } = batchNormalize(x, { gamma, beta });
    expect(gradientError(sum(mul(output, weight)), [x, gamma, beta], feeds)).toBeLessThanOrEqual(1e-6);
  });
});

describe('N-07 feature normalisation', () => {
  const x = drawn(16, 5);

  test('is batch normalisation without learned numbers', () => {
    const { y, shapes } = traced(layers.featureNorm(), x);
    expect(shapes).toEqual({ 'featureNorm.batchNorm.mean': [5], 'featureNorm.batchNorm.variance': [5] });
    const [actual, expected] = evaluate([y, batchNormalize(x).output]);
    expectClose(actual as never, expected as never, F64);
  });

  test('every feature of the batch has mean 0 and variance 1', () => {
    const { y } = traced(layers.featureNorm(), x);
    const [centres, spreads] = evaluate([mean(y, { axes: 0 }), variance(y, { axes: 0 })]);
    for (const centre of centres?.data ?? []) expect(Math.abs(centre)).toBeLessThan(1e-7);
    for (const spread of spreads?.data ?? []) expect(Math.abs(spread - 1)).toBeLessThan(1e-4);
  });

  test('what it refuses', () =>
    expect(() => layers.featureNorm({ affine: true } as never)).toThrow(refusal('OPTION', "'affine'")));
});

describe('N-08 local response normalisation', () => {
  const a = constant([1, 2, 3, 4, 5]);

  test('of the paper', () =>
    expectHand(numbers(localResponseNorm(a)), [0.594292, 1.187871, 1.78014, 2.373609, 2.967456]));

  test('alpha per n', () => {
    const perN = { alphaMode: 'perN' } as const;
    expectHand(numbers(localResponseNorm(a, perN)), [0.594541, 1.18894, 1.783075, 2.377451, 2.971903]);
    expectHand(numbers(localResponseNorm(a, { ...perN, k: 1 })), [0.99979, 1.9991, 2.997527, 3.996763, 4.996253]);
  });

  test.each([{}, { size: 4, alpha: 0.5, beta: 0.6 }, { size: 3, alpha: 1, beta: 0.5, k: 0.1 }])(
    'the gradient agrees with finite differences, %p',
    (options) => {
      const x = feed('x', [3, 7]);
      const feeds = new Map([
        [
          'x',
          tensor64(
            [...Array(21).keys()].map((i) => 2 * Math.sin(i * i + 1)),
            [3, 7],
          ),
        ],
      ]);
      expect(gradientError(sum(mul(localResponseNorm(x, options), drawn(3, 7))), [x], feeds)).toBeLessThanOrEqual(1e-6);
    },
  );

  test('the layer, and what it refuses', () => {
    expectHand(numbers(traced(layers.localResponseNorm(), a).y).slice(0, 1), [0.594292]);
    expect(() => layers.localResponseNorm({ size: 0 })).toThrow(
      refusal('VALUE', 'localResponseNorm: expected the size'),
    );
    expect(() => layers.localResponseNorm({ alpha: -1 })).toThrow(refusal('VALUE', 'alpha'));
    expect(() => layers.localResponseNorm({ alphaMode: 'mean' as never })).toThrow(refusal('OPTION', "'mean'"));
    expect(() => layers.localResponseNorm({ n: 5 } as never)).toThrow(refusal('OPTION', "'n'"));
  });
});

describe('N-09 l2 normalisation', () => {
  const a = constant([1, 2, 3, 4, 5]);
  const expected = [0.13484, 0.26968, 0.40452, 0.53936, 0.6742];

  test('values, as local response normalisation over all channels gives them', () => {
    expectHand(numbers(l2Normalize(a)), expected);
    expectHand(numbers(localResponseNorm(a, { k: 0, alpha: 1, beta: 0.5, size: 9 })), expected);
  });

  test('0 stays 0, and its gradient is finite', () => {
    const zeros = constant([0, 0]);
    expect(numbers(l2Normalize(zeros))).toEqual([0, 0]);
    expect(slope(l2Normalize(zeros, { epsilon: 0.5 }), zeros, [1, 2])).toEqual([2, 4]);
  });

  test('a learned factor per channel', () => {
    const { y, shapes, trace } = traced(layers.l2Normalize({ scale: 20 }), a);
    expect(shapes).toEqual({ 'l2Normalize.scale': [5] });
    expectHand(numbers(y, initialNumbers(trace)), [2.6968, 5.3936, 8.090398, 10.787198, 13.483997]);
    expect(traced(layers.l2Normalize(), a).shapes).toEqual({});
  });

  test('what it refuses', () => {
    expect(() => l2Normalize(a, { epsilon: 0 })).toThrow(refusal('VALUE', 'l2Normalize: expected epsilon'));
    expect(() => layers.l2Normalize({ axis: 1 } as never)).toThrow(refusal('OPTION', "'axis'"));
    expect(() => layers.l2Normalize({ scale: Number.NaN })).toThrow(refusal('VALUE', 'scale'));
  });
});

/** Chapter N: the printed numbers of batch normalisation, in float64. */
import { gradients } from '../../lib/compiler/differentiate';
import { batchNormalize } from '../../lib/functions';
import type { Value } from '../../lib/graph/value';
import { add, mul, sqrt } from '../../lib/ops/elementwise';
import { randomNormal } from '../../lib/ops/random';
import { mean, sum, variance } from '../../lib/ops/reduce';
import { reshape } from '../../lib/ops/shape';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, tensor64 } from '../../lib/reference';
import { gradientError } from '../../lib/reference/gradient-check';
import { expectClose, expectHand, F64 } from '../closeness';
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

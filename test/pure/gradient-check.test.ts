/** The public gradient check: passes for right gradients, fails for wrong ones, refuses what is no loss. */
import { functions, gradientCheck, ops, tensor, type Value } from '../../lib';

const point = tensor([-2, -0.4, 0.3, 1.7]);

test('a right gradient passes (K-07)', () => {
  expect(gradientCheck((x) => ops.sum(ops.mul(x, ops.sigmoid(x))), [point])).toBeLessThan(1e-6);
  expect(gradientCheck((x, y) => ops.sum(ops.mul(ops.tanh(x), y)), [point, point])).toBeLessThan(1e-6);
});

test('a gradient that is 1.1 times too large fails (K-07)', () => {
  const wrong = (x: Value) => functions.straightThrough(ops.tanh(x), ops.mul(ops.tanh(x), 1.1));
  expect(gradientCheck((x) => ops.sum(wrong(x)), [point])).toBeGreaterThan(1e-2);
});

test('what is no scalar is refused', () => {
  expect(() => gradientCheck((x) => x, [point])).toThrow('a scalar');
});

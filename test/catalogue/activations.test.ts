/** Chapter A: the printed values and derivatives of activations, in float64. */
import { identity, logSoftmax, relu, relu6, sigmoid, softmax, tanh } from '../../lib/functions';
import type { Value } from '../../lib/graph/value';
import { add, mul, sub } from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { constant } from '../../lib/ops/source';
import { evaluate } from '../../lib/reference';
import { expectClose, expectHand, F64 } from '../closeness';
import { runNative } from '../native-run';
import { numbers, slope } from './numbers';

const points = [-2, -0.5, 0, 0.5, 2];
const x = constant(points);
const ones = points.map(() => 1);
const derivative = (activation: (x: Value) => Value): number[] => slope(activation(x), x, ones);

describe('A-01 sigmoid', () => {
  test('values', () => expectHand(numbers(sigmoid(x)), [0.119203, 0.377541, 0.5, 0.622459, 0.880797]));

  test('the derivative is 0.25 at 0, its largest', () => {
    expect(derivative(sigmoid)[2]).toBe(0.25);
    expect(Math.max(...derivative(sigmoid))).toBe(0.25);
  });

  test('far out it is finite, here and natively', async () => {
    const far = sigmoid(constant([-800, 800]));
    expect(numbers(far)).toEqual([0, 1]);
    expect([...((await runNative([far], {}))[0]?.data ?? [])]).toEqual([0, 1]);
  });
});

describe('A-02 tanh', () => {
  test('values', () => expectHand(numbers(tanh(x)), [-0.964028, -0.462117, 0, 0.462117, 0.964028]));

  test('derivative', () => {
    const [left, , , , right] = derivative(tanh) as [number, number, number, number, number];
    expectHand([left, right], [0.070651, 0.070651]);
  });

  test('tanh x = 2 sigmoid(2 x) - 1', () => {
    const [a, b] = evaluate([tanh(x), sub(mul(sigmoid(mul(x, 2)), 2), 1)]);
    expectClose(a as never, b as never, F64);
  });
});

describe('A-03 ReLU', () => {
  test('values', () => expect(numbers(relu(x))).toEqual([0, 0, 0, 0.5, 2]));
  test('the gradient at 0 is 0', () => expect(derivative(relu)).toEqual([0, 0, 0, 1, 1]));
});

describe('A-09 softmax', () => {
  const z = constant([1, 2, 3]);

  test('values', () => expectHand(numbers(softmax(z)), [0.090031, 0.244728, 0.665241]));

  test('does not change when all scores move', () => {
    expectHand(numbers(softmax(add(z, 1000))), [0.090031, 0.244728, 0.665241]);
    expectHand(numbers(logSoftmax(add(z, -1000))), numbers(logSoftmax(z)));
  });

  test('its Jacobian is diag(p) - p p^T, whose rows sum to 0', () => {
    const rows = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ].map((seed) => slope(softmax(z), z, seed));
    expectHand(
      rows.flat(),
      [0.081925, -0.022033, -0.059892, -0.022033, 0.184836, -0.162803, -0.059892, -0.162803, 0.222695],
    );
    for (const row of rows) expect(Math.abs(row.reduce((total, g) => total + g, 0))).toBeLessThan(1e-15);
  });

  test('a temperature divides the scores', () => {
    const [warm, plain] = evaluate([softmax(z, { temperature: 2 }), softmax(mul(z, 0.5))]);
    expectClose(warm as never, plain as never, F64);
  });
});

describe('A-13 ReLU6', () => {
  const values = constant([-1, 3, 7]);
  test('values', () => expect(numbers(relu6(values))).toEqual([0, 3, 6]));
  test('derivative', () => expect(slope(relu6(values), values, [1, 1, 1])).toEqual([0, 1, 0]));
});

describe('A-14 identity', () => {
  test('gives its operand', () => expect(identity(x)).toBe(x));

  test('three linear layers are one', () => {
    const [a, b, c] = [
      [
        [1, 2],
        [-1, 0.5],
      ],
      [
        [0.25, 1],
        [3, -2],
      ],
      [
        [2, 0],
        [1, 1],
      ],
    ].map((rows) => constant(rows)) as [Value, Value, Value];
    const input = constant([
      [1, -1],
      [0.5, 2],
    ]);
    const deep = [a, b, c].reduce((value, w) => identity(matmul(value, w)), input);
    const [left, right] = evaluate([deep, matmul(input, matmul(matmul(a, b), c))]);
    expectClose(left as never, right as never, F64);
  });
});

/** Chapter A: the printed values and derivatives of activations, in float64. */
import { gradients } from '../../lib/compiler/differentiate';
import {
  elu,
  identity,
  leakyRelu,
  logSoftmax,
  maxout,
  prelu,
  randomizedRelu,
  relu,
  relu6,
  sigmoid,
  softmax,
  tanh,
} from '../../lib/functions';
import type { Value } from '../../lib/graph/value';
import * as layers from '../../lib/layers';
import { abs, add, broadcastTo, maximum, mul, sub } from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { sum } from '../../lib/ops/reduce';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, tensor64 } from '../../lib/reference';
import { gradientError } from '../../lib/reference/gradient-check';
import { expectClose, expectHand, F64 } from '../closeness';
import { refusal } from '../io/refusal';
import { runNative } from '../native-run';
import { initialNumbers, key, traced } from '../pure/tracing';
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

/** The derivative of ELU as a value. */
const derivativeOf = (value: Value): Value =>
  gradients(elu(value), [value], broadcastTo(constant(1), value.shape))[0] as Value;

/** The error of a rule at points that stand away from 0. */
function numericError(activation: (x: Value) => Value): number {
  const input = feed('x', [8]);
  const feeds = new Map([['x', tensor64([-3, -1.2, -0.4, -0.01, 0.02, 0.3, 1, 2.5])]]);
  return gradientError(sum(mul(activation(input), constant([1, 2, 3, 4, 5, 6, 7, 8]))), [input], feeds);
}

describe('A-04 leaky ReLU', () => {
  test('values', () => {
    expectHand(numbers(leakyRelu(x)), [-0.02, -0.005, 0, 0.5, 2]);
    expectHand(numbers(leakyRelu(x, { slope: 0.001 })), [-0.002, -0.0005, 0, 0.5, 2]);
  });

  test('for slopes below 1 it is max(x, slope * x)', () =>
    expect(numbers(leakyRelu(x, { slope: 0.25 }))).toEqual(numbers(maximum(x, mul(x, 0.25)))));

  test('the gradient at 0 is the slope', () => {
    expectHand(derivative(leakyRelu), [0.01, 0.01, 0.01, 1, 1]);
    expect(numericError(leakyRelu)).toBeLessThanOrEqual(1e-6);
  });

  test('the layer, and what it refuses', () => {
    expectHand(numbers(traced(layers.leakyRelu({ slope: 0.5 }), x).y), [-1, -0.25, 0, 0.5, 2]);
    expect(() => leakyRelu(x, { slope: Number.NaN })).toThrow(refusal('VALUE', 'leakyRelu: expected slope'));
    expect(() => leakyRelu(x, { alpha: 1 } as never)).toThrow(refusal('OPTION', "'alpha'"));
  });
});

describe('A-05 PReLU', () => {
  test('the gradient of the slope is the sum of min(0, x) dy', () => {
    const slopeValue = constant([0.25]);
    expect(slope(prelu(x, slopeValue), slopeValue, ones)).toEqual([-2.5]);
  });

  test('one slope, or one per channel, 0.25 at first', () => {
    const image = [2, 3, 3, 4];
    expect(traced(layers.prelu(), image).shapes).toEqual({ 'prelu.slope': [4] });
    expect(traced(layers.prelu({ shared: true }), image).shapes).toEqual({ 'prelu.slope': [1] });
    const { y, trace } = traced(layers.prelu(), constant([points]));
    expectHand(numbers(y, initialNumbers(trace)), [-0.5, -0.125, 0, 0.5, 2]);
  });

  test('what it refuses', () => {
    expect(() => layers.prelu({ slope: Number.NaN })).toThrow(refusal('VALUE', 'prelu: expected slope'));
    expect(() => layers.prelu({ channels: 3 } as never)).toThrow(refusal('OPTION', "'channels'"));
  });
});

describe('A-06 randomised ReLU', () => {
  test('tested: the mean slope, in both forms', () => {
    expectHand(numbers(randomizedRelu(x)), [-0.458333, -0.114583, 0, 0.5, 2]);
    expectHand(numbers(randomizedRelu(x, undefined, { form: 'divide' })), [-2 / 5.5, -0.5 / 5.5, 0, 0.5, 2]);
  });

  test('trained: slopes within their bounds, of the mean 0.229167', async () => {
    const count = 100_000;
    const [drawn] = await runNative([randomizedRelu(broadcastTo(constant(-1), [count]), key)], {});
    const slopes = Array.from(drawn?.data ?? [], (y) => -y);
    expect(Math.min(...slopes.slice(0, 10_000))).toBeGreaterThanOrEqual(1 / 8);
    expect(Math.max(...slopes.slice(0, 10_000))).toBeLessThan(1 / 3);
    expect(Math.abs(slopes.reduce((a, b) => a + b) / count - 0.229167)).toBeLessThanOrEqual(0.001);
  });

  test('the gradient is the slope that was drawn', () => {
    const negative = constant([-1, -2, -4]);
    const y = numbers(randomizedRelu(negative, key));
    expectHand(
      slope(randomizedRelu(negative, key), negative, [1, 1, 1]),
      y.map((value, i) => value / -(2 ** i)),
    );
  });

  test('the layer draws while training alone', () => {
    const layer = layers.randomizedRelu();
    expectHand(numbers(traced(layer, x, false).y), [-0.458333, -0.114583, 0, 0.5, 2]);
    expect(numbers(traced(layer, x, true).y)[0]).not.toBeCloseTo(-0.458333, 6);
  });

  test('what it refuses', () => {
    expect(() => layers.randomizedRelu({ low: 0.5 })).toThrow(
      refusal('VALUE', 'randomizedRelu: expected low to be below high'),
    );
    expect(() => layers.randomizedRelu({ low: 0, form: 'divide' })).toThrow(refusal('VALUE', 'above 0'));
    expect(() => layers.randomizedRelu({ form: 'add' as never })).toThrow(refusal('OPTION', "'add'"));
  });
});

describe('A-07 ELU', () => {
  test('values', () => expectHand(numbers(elu(x)), [-0.864665, -0.393469, 0, 0.5, 2]));

  test('derivative', () => {
    expectHand(derivative(elu), [0.135335, 0.606531, 1, 1, 1]);
    expect(numericError((value) => elu(value, { alpha: 0.7 }))).toBeLessThanOrEqual(1e-6);
  });

  test('far out it and its gradient are finite, here and natively', async () => {
    const far = constant([-800, 800]);
    const [value, rule] = [elu(far), derivativeOf(far)];
    expect([numbers(value), numbers(rule)]).toEqual([
      [-1, 800],
      [0, 1],
    ]);
    const computed = await runNative([value, rule], {});
    expect(computed.map(({ data }) => [...data])).toEqual([
      [-1, 800],
      [0, 1],
    ]);
  });

  test('the layer, and what it refuses', () => {
    expectHand(numbers(traced(layers.elu({ alpha: 2 }), x).y).slice(0, 1), [-1.729329]);
    expect(() => elu(x, { alpha: 0 })).toThrow(refusal('VALUE', 'elu: expected alpha'));
  });
});

describe('A-08 maxout', () => {
  const six = constant([1, 5, 2, 4, 3, 0]);

  test('groups of two', () => expect(numbers(maxout(six, 2))).toEqual([5, 4, 3]));

  test('the gradient goes to the winner', () =>
    expect(slope(maxout(six, 2), six, [1, 2, 3])).toEqual([0, 1, 0, 2, 3, 0]));

  test('64 to 32 units of 3 pieces have 6240 parameters', () => {
    const { shapes, y } = traced(layers.maxout(32, { pieces: 3 }), [2, 64]);
    expect(y.shape).toEqual([2, 32]);
    expect(Object.values(shapes).reduce((total, shape) => total + shape.reduce((a, b) => a * b), 0)).toBe(6240);
  });

  test('ReLU and the absolute value are special cases', () => {
    const column = constant(points.map((point) => [point]));
    const withWeights = (first: number, second: number) => {
      const states = new Map([['maxout.dense.weight', tensor64([[first, second]])]]);
      return numbers(traced(layers.maxout(1, { bias: false }), column).y, states);
    };
    expect(withWeights(1, 0)).toEqual(numbers(relu(x)));
    expect(withWeights(1, -1)).toEqual(numbers(abs(x)));
  });

  test('what it refuses', () => {
    expect(() => maxout(six, 4)).toThrow(
      refusal('SHAPE', 'maxout: expected the last axis to be a multiple of 4 pieces'),
    );
    expect(() => layers.maxout(3, { pieces: 0 })).toThrow(refusal('VALUE', 'the pieces'));
    expect(() => layers.maxout(3, { activation: relu } as never)).toThrow(refusal('OPTION', "'activation'"));
  });
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

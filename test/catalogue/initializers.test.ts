/** Chapter I: the printed scales of initializers. */
import { hostNormal } from '../../lib/graph/philox';
import type { Initializer } from '../../lib/graph/scope';
import {
  constant,
  heNormal,
  heUniform,
  normal,
  ones,
  uniform,
  xavierNormal,
  xavierUniform,
  zeros,
} from '../../lib/initializers';
import { randomNormal, randomUniform } from '../../lib/ops/random';
import { expectHand } from '../closeness';
import { key } from '../pure/tracing';
import { numbers } from './numbers';

/** The standard deviation: what standard normal draws are multiplied with. */
const deviation = (initializer: Initializer, ...shape: number[]): number =>
  (numbers(initializer(shape, key))[0] as number) / (numbers(randomNormal(key, shape))[0] as number);

/** The bound a: what uniform draws in [-1, 1) are multiplied with. */
const bound = (initializer: Initializer, ...shape: number[]): number =>
  (numbers(initializer(shape, key))[0] as number) / (2 * (numbers(randomUniform(key, shape))[0] as number) - 1);

test('I-01 constants', () => {
  expect(numbers(zeros([2, 2], key))).toEqual([0, 0, 0, 0]);
  expect(numbers(ones([3], key))).toEqual([1, 1, 1]);
  expect(numbers(constant(0.5)([2], key))).toEqual([0.5, 0.5]);
});

describe('I-02 normal and uniform', () => {
  test('normal: mean and deviation', () => {
    expectHand([deviation(normal({ std: 0.001 }), 5)], [0.001]);
    const draws = numbers(normal({ mean: 3, std: 2 })([40_000], key));
    const mean = draws.reduce((a, b) => a + b) / draws.length;
    expect(Math.abs(mean - 3)).toBeLessThan(0.04);
    expect(Math.abs(Math.sqrt(draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length) - 2)).toBeLessThan(0.04);
  });

  test('uniform: within its bounds', () => {
    const draws = numbers(uniform({ low: -2, high: 6 })([10_000], key));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...draws)).toBeLessThan(6);
    expect(Math.abs(draws.reduce((a, b) => a + b) / draws.length - 2)).toBeLessThan(0.1);
  });

  test.each([256, 1024])('the variance of a sum of %d inputs is that many times larger', (n) => {
    const [units, examples, std] = [64, 100, 0.02];
    const w = numbers(normal({ std })([n, units], key));
    const x = hostNormal([7, 7], examples * n);
    let squares = 0;
    for (let example = 0; example < examples; example++) {
      for (let unit = 0; unit < units; unit++) {
        let s = 0;
        for (let i = 0; i < n; i++) s += (x[example * n + i] as number) * (w[i * units + unit] as number);
        squares += s * s;
      }
    }
    expect(Math.abs(squares / (units * examples) / (n * std ** 2) - 1)).toBeLessThan(0.05);
  });
});

test('I-03 Xavier normal', () => {
  expectHand([deviation(xavierNormal({ fan: 'in' }), 256, 128)], [0.0625]);
  expectHand([deviation(xavierNormal(), 256, 128)], [0.072169]);
  expectHand([deviation(xavierNormal({ fan: 'in', gain: 0.001 }), 256, 128)], [6.25e-5]);
});

test('I-04 Xavier uniform', () => {
  expectHand([bound(xavierUniform(), 256, 128)], [0.125]);
  expectHand([bound(xavierUniform({ fan: 'in' }), 256, 128)], [0.108253]);
  expectHand([bound(xavierUniform({ fan: 'out', gain: 2 }), 128, 256)], [2 * 0.108253175]);
});

test('I-05 He normal', () => {
  expectHand([deviation(heNormal(), 256, 10)], [0.088388]);
  expectHand([deviation(heNormal(), 3, 3, 64, 10)], [0.058926]);
  expectHand([deviation(heNormal({ slope: 1 }), 256, 10)], [0.0625]);
});

test('I-06 He uniform', () => expectHand([bound(heUniform(), 256, 10)], [0.153093]));

/** Parameters drawn from a normal or a uniform distribution. */

import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Initializer } from '../graph/scope';
import { add, mul } from '../ops/elementwise';
import { randomNormal, randomUniform } from '../ops/random';

export interface NormalOptions {
  /** Default 0. */
  readonly mean?: number;
  /** Standard deviation, 0 or more. Default 1. */
  readonly std?: number;
}

/**
 * Normal numbers of a mean and a standard deviation.
 *
 * @example dense(10, { weightInitializer: normal({ std: 0.001 }) })
 */
export function normal(options: NormalOptions = {}): Initializer {
  expectOptions('normal', options, ['mean', 'std']);
  const { mean = 0, std = 1 } = options;
  expectNumber('normal', 'mean', mean);
  expectNumber('normal', 'std', std, { least: 0 });
  return (shape, key) => add(mul(randomNormal(key, shape), std), mean);
}

export interface UniformOptions {
  /** Default 0. */
  readonly low?: number;
  /** Above `low`. Default 1. */
  readonly high?: number;
}

/**
 * Uniform numbers in [low, high).
 *
 * @example dense(10, { weightInitializer: uniform({ low: -0.05, high: 0.05 }) })
 */
export function uniform(options: UniformOptions = {}): Initializer {
  expectOptions('uniform', options, ['low', 'high']);
  const { low = 0, high = 1 } = options;
  expectNumber('uniform', 'low', low);
  expectNumber('uniform', 'high', high);
  expect(low < high, 'VALUE', () => ({
    where: 'uniform',
    what: 'low',
    expected: `below high = ${high}`,
    actual: `${low}`,
  }));
  return (shape, key) => add(mul(randomUniform(key, shape), high - low), low);
}

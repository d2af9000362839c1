/** Randomised leaky ReLU: slopes drawn anew for every element while training (Xu et al. 2015). */
import { expect, expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { add, div, greater, mul, where } from '../ops/elementwise';
import { randomUniform } from '../ops/random';
import { expectChoice, expectNumber } from './option-values';

export interface RandomizedReluOptions {
  /** Bounds of a. Default 1/8 and 1/3; 3 and 8 for the form 'divide'. */
  readonly low?: number;
  /** Above `low`. */
  readonly high?: number;
  /** 'multiply' (default): a * x below 0. 'divide': x / a, as in the paper. */
  readonly form?: 'multiply' | 'divide';
}

/** The names of all options. */
export const randomizedReluOptions = ['low', 'high', 'form'] as const;

const bounds = { multiply: [1 / 8, 1 / 3], divide: [3, 8] } as const;

/** Checks the options and fills in the defaults. */
export function resolveRandomizedRelu(options: RandomizedReluOptions): Required<RandomizedReluOptions> {
  const where = 'randomizedRelu';
  expectOptions(where, options, randomizedReluOptions);
  const { form = 'multiply' } = options;
  expectChoice(where, 'form', form, Object.keys(bounds));
  const { low = bounds[form][0], high = bounds[form][1] } = options;
  expectNumber(where, 'low', low, form === 'divide' ? { above: 0 } : {});
  expectNumber(where, 'high', high);
  expect(low < high, 'VALUE', () => ({ where, what: 'low', expected: `below high = ${high}`, actual: `${low}` }));
  return { low, high, form };
}

/**
 * x where x > 0, else a * x with a drawn uniformly from [low, high) for every element (Xu et al. 2015). Without a key it
 * is what testing wants: a = (low + high) / 2 for all. With the form 'divide' it is x / a.
 *
 * @param key a random key, e.g. `scope.key()`; undefined for the mean slope
 * @example randomizedRelu(x, scope.training ? scope.key() : undefined)
 */
export function randomizedRelu(x: Value, key?: Value, options: RandomizedReluOptions = {}): Value {
  const { low, high, form } = resolveRandomizedRelu(options);
  const slope = key ? add(mul(randomUniform(key, x.shape), high - low), low) : (low + high) / 2;
  return where(greater(x, 0), x, form === 'divide' ? div(x, slope) : mul(x, slope));
}

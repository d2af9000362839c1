/** Activations: functions that are applied to each element of a value of any shape. */
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { abs, add, clip, erf, exp, expm1, greater, log1p, maximum, mul, neg, sigmoid, where } from '../ops/elementwise';
import type { Operand } from '../ops/source';
import { expectNumber } from './option-values';

export { sigmoid, tanh } from '../ops/elementwise';

/**
 * x: for places that ask for an activation where none is wanted.
 *
 * @example identity(x)
 */
export const identity = (x: Value): Value => x;

/**
 * max(0, x); its gradient at 0 is 0 (Nair and Hinton 2010).
 *
 * @example relu(constant([-2, 0, 3])) // [0, 0, 3]
 */
export const relu = (x: Value): Value => maximum(x, 0);

/**
 * min(max(0, x), 6) (Howard et al. 2017, MobileNets).
 *
 * @example relu6(constant([-1, 3, 7])) // [0, 3, 6]
 */
export const relu6 = (x: Value): Value => clip(x, 0, 6);

export interface LeakyReluOptions {
  /** What is left of negative numbers. Default 0.01. */
  readonly slope?: number;
}

/** x where x > 0, else slope * x; the gradient at 0 is the slope. */
const leaky = (x: Value, slope: Operand): Value => where(greater(x, 0), x, mul(x, slope));

/**
 * x where x > 0, else slope * x (Maas et al. 2013): no unit is ever without a gradient. For a slope below 1 it equals
 * max(x, slope * x); the gradient at 0 is the slope.
 *
 * @param options.slope default 0.01
 * @example leakyRelu(x, { slope: 0.1 })
 */
export function leakyRelu(x: Value, options: LeakyReluOptions = {}): Value {
  expectOptions('leakyRelu', options, ['slope']);
  const { slope = 0.01 } = options;
  expectNumber('leakyRelu', 'slope', slope);
  return leaky(x, slope);
}

/**
 * x where x > 0, else slope * x with a slope that is learned (He et al. 2015): the gradient of the slope is the sum of
 * min(0, x) times the upstream gradient.
 *
 * @param x [N, ..., C]
 * @param slope [C] or a scalar
 * @example prelu(x, scope.param('slope', [x.shape.at(-1) as number], constant(0.25)))
 */
export const prelu = (x: Value, slope: Value): Value => leaky(x, slope);

export interface EluOptions {
  /** Above 0: outputs lie above -alpha. Default 1. */
  readonly alpha?: number;
}

/**
 * x where x > 0, else alpha * (e^x - 1) (Clevert et al. 2016): negative outputs bring the mean of activations near 0. Its
 * gradient is 1 where x > 0, else alpha * e^x.
 *
 * @param options.alpha default 1
 * @example elu(x)
 */
export function elu(x: Value, options: EluOptions = {}): Value {
  expectOptions('elu', options, ['alpha']);
  const { alpha = 1 } = options;
  expectNumber('elu', 'alpha', alpha, { above: 0 });
  const isPositive = greater(x, 0);
  return where(isPositive, x, mul(expm1(where(isPositive, 0, x)), alpha)); // e^x of a large x would be infinite
}

/**
 * x * sigmoid(x), also called swish (Elfwing et al. 2017).
 *
 * @example silu(x)
 */
export const silu = (x: Value): Value => mul(x, sigmoid(x));

/**
 * x * P(a standard normal number is below x) = x / 2 * (1 + erf(x / sqrt 2)) (Hendrycks and Gimpel 2016).
 *
 * @example gelu(x)
 */
export const gelu = (x: Value): Value => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));

/**
 * log(1 + e^x) = (x + |x|) / 2 + log(1 + e^-|x|): finite for every x, and its gradient is sigmoid(x) everywhere. At 0
 * the gradient of |x| is 0, which leaves 1/2; with max(x, 0) in its place it would be lost.
 *
 * @example softplus(constant([0])) // [0.693147]
 */
export const softplus = (x: Value): Value => add(mul(add(x, abs(x)), 0.5), log1p(exp(neg(abs(x)))));

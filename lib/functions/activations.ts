/** Activations: functions that are applied to each element of a value of any shape. */
import type { Value } from '../graph/value';
import { abs, add, clip, erf, exp, log1p, maximum, mul, neg, sigmoid } from '../ops/elementwise';

export { sigmoid, tanh } from '../ops/elementwise';

/** x: for places that ask for an activation where none is wanted. */
export const identity = (x: Value): Value => x;

/** max(0, x); its gradient at 0 is 0. */
export const relu = (x: Value): Value => maximum(x, 0);

/** min(max(0, x), 6) (Howard et al. 2017, MobileNets). */
export const relu6 = (x: Value): Value => clip(x, 0, 6);

/** x * sigmoid(x), also called swish (Elfwing et al. 2017). */
export const silu = (x: Value): Value => mul(x, sigmoid(x));

/** x * P(a standard normal number is below x) = x / 2 * (1 + erf(x / sqrt 2)) (Hendrycks and Gimpel 2016). */
export const gelu = (x: Value): Value => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));

/**
 * log(1 + e^x) = (x + |x|) / 2 + log(1 + e^-|x|): finite for every x, and its gradient is sigmoid(x) everywhere. At 0
 * the gradient of |x| is 0, which leaves 1/2; with max(x, 0) in its place it would be lost.
 */
export const softplus = (x: Value): Value => add(mul(add(x, abs(x)), 0.5), log1p(exp(neg(abs(x)))));

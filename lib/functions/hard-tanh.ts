/** Hard versions of tanh and sigmoid: straight lines between two bounds. */
import type { Value } from '../graph/value';
import { abs, add, clip, lessEqual, mul, where } from '../ops/elementwise';

/**
 * x limited to [-1, 1]; the gradient is 1 where |x| <= 1, the bounds included, and 0 elsewhere. As what replaces the
 * sign in a backward pass it must not be 0 at the bounds, where clipped weights come to rest.
 */
export const hardTanh = (x: Value): Value => where(lessEqual(abs(x), 1), x, clip(x, -1, 1));

/**
 * (x + 1) / 2 limited to [0, 1]: the probability that a stochastic sign is 1 (Courbariaux et al. 2015, BinaryConnect).
 * Not the (x + 3) / 6 that other libraries call by this name.
 */
export const hardSigmoid = (x: Value): Value => clip(mul(add(x, 1), 0.5), 0, 1);

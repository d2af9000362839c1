/** Signs that can be trained: forward +-1, backward the gradient of a function near to it. */
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { binarize } from '../ops/binarize';
import { abs, clip, less, mul, sub, where } from '../ops/elementwise';
import { randomUniform } from '../ops/random';
import { hardSigmoid, hardTanh } from './hard-tanh';
import { expectChoice } from './option-values';
import { straightThrough } from './straight-through';

/**
 * Whose gradient the sign is given.
 * - `clip`: that of `hardTanh`, 1 where |x| <= 1 (Hubara et al. 2016, Binarized Neural Networks).
 * - `polynomial`: 2 - 2 |x| where |x| <= 1, that of 2x + x^2 below 0 and 2x - x^2 above, which is nearer to the sign
 *   (Liu et al. 2018, Bi-Real Net).
 */
export type SignSurrogate = 'clip' | 'polynomial';

export interface BinarySignOptions {
  /** Default `clip`. */
  readonly surrogate?: SignSurrogate;
}

const surrogates: Readonly<Record<SignSurrogate, (x: Value) => Value>> = {
  clip: hardTanh,
  polynomial: (x) => {
    const inside = clip(x, -1, 1);
    return mul(inside, sub(2, abs(inside)));
  },
};

/** The names of all surrogates. */
export const signSurrogates = Object.keys(surrogates) as readonly SignSurrogate[];

/**
 * 1 where x >= 0, else -1: the activation of binary networks. The gradient is that of a surrogate.
 *
 * @throws ConvoltError `OPTION` for an unknown surrogate
 * @example binarySign(x, { surrogate: 'polynomial' })
 */
export function binarySign(x: Value, options: BinarySignOptions = {}): Value {
  expectOptions('binarySign', options, ['surrogate']);
  const { surrogate = 'clip' } = options;
  expectChoice('binarySign', 'the surrogate', surrogate, signSurrogates);
  return straightThrough(binarize(x), surrogates[surrogate](x));
}

/**
 * 1 with probability `hardSigmoid(x)`, else -1, so that its mean is x for |x| <= 1; the gradient is that of `hardTanh`
 * (Courbariaux et al. 2015, BinaryConnect).
 *
 * @param key a random key, e.g. `scope.key()`
 */
export function stochasticSign(x: Value, key: Value): Value {
  const isOne = less(randomUniform(key, x.shape), hardSigmoid(x));
  return straightThrough(where(isOne, 1, -1), hardTanh(x));
}

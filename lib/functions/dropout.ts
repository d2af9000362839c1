/** Dropout: activations zeroed at random while training (Srivastava et al. 2014). */
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { broadcastTo, mul, where } from '../ops/elementwise';
import { bernoulli } from '../ops/random';
import { constant } from '../ops/source';
import { expectNumber } from './option-values';

export interface DropoutOptions {
  /** Probability of dropping an element, from 0 to 1. Default 0.5. */
  readonly p?: number;
  /** Drop whole channels: one draw per example and last-axis entry. Default false. */
  readonly spatial?: boolean;
  /** Divide what is kept by 1 - p, so that nothing need be done at test time. Default true. */
  readonly inverted?: boolean;
}

/** The names of all options. */
export const dropoutOptions = ['p', 'spatial', 'inverted'] as const;

/** Checks the options of `where` and fills in the defaults. */
export function resolveDropout(where: string, options: DropoutOptions): Required<DropoutOptions> {
  expectOptions(where, options, dropoutOptions);
  const { p = 0.5, spatial = false, inverted = true } = options;
  expectNumber(where, 'p', p, { least: 0, most: 1 });
  return { p, spatial, inverted };
}

/**
 * x * mask / (1 - p) with a random mask of zeros and ones; the gradient passes through the same mask.
 *
 * @param key a random key, e.g. `scope.key()`
 * @returns the shape of x; x itself for p = 0, zeros for p = 1
 * @example dropout(x, scope.key(), { p: 0.3 })
 */
export function dropout(x: Value, key: Value, options: DropoutOptions = {}): Value {
  const { p, spatial, inverted } = resolveDropout('dropout', options);
  if (p === 0) return x;
  if (p === 1) return broadcastTo(constant(0), x.shape);
  const last = x.shape.length - 1;
  const maskShape = spatial ? x.shape.map((length, axis) => (axis === 0 || axis === last ? length : 1)) : x.shape;
  const kept = where(bernoulli(key, maskShape, 1 - p), x, 0);
  return inverted ? mul(kept, 1 / (1 - p)) : kept;
}

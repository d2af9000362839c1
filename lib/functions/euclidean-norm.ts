/** Lengths of vectors, with a gradient that is finite at 0. */
import type { Value } from '../graph/value';
import { equal, sqrt, square, where } from '../ops/elementwise';
import { sum } from '../ops/reduce';

/** The square root; at 0 its gradient is 0 instead of infinite. */
export function safeSqrt(x: Value): Value {
  const isZero = equal(x, 0);
  return where(isZero, 0, sqrt(where(isZero, 1, x)));
}

/**
 * |x| = sqrt(sum of x_i^2) over one axis (default the last); the gradient is x / |x|, and 0 at 0.
 *
 * @example euclideanNorm(sub(a, b)) // distances of rows
 */
export const euclideanNorm = (x: Value, { axis = -1, keepDims = false } = {}): Value =>
  safeSqrt(sum(square(x), { axes: axis, keepDims }));

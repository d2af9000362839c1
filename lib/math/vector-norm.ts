/** Lengths of vectors. */
import { expect } from '../graph/errors';

/** Throws unless p is a number of 1 or more, which may be infinite. */
export function expectExponent(where: string, p: number): void {
  expect(p >= 1, 'VALUE', () => ({ where, what: 'p', expected: 'a number of at least 1', actual: `${p}` }));
}

/**
 * The p-norm (sum of |x_i|^p)^(1/p): the sum of magnitudes for p = 1 (the l1 loss of a residual), the Euclidean length for
 * p = 2 (default), the largest magnitude for p = Infinity.
 *
 * Numbers are divided by the largest one first, so that no power overflows or vanishes.
 *
 * @throws ConvoltError `VALUE` for a p below 1
 * @example math.vectorNorm([3, -4, 12]) // 13
 */
export function vectorNorm(x: ArrayLike<number>, p = 2): number {
  expectExponent('vectorNorm', p);
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i] as number));
  if (p === Number.POSITIVE_INFINITY || largest === 0 || !Number.isFinite(largest)) return largest;
  let total = 0;
  for (let i = 0; i < x.length; i++) total += (Math.abs(x[i] as number) / largest) ** p;
  return largest * total ** (1 / p);
}

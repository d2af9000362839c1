/** Fourier transforms of numbers on the host, in float64. */
import { expect } from '../graph/errors';
import { addon, native } from '../runtime/addon';

/** Complex numbers as two lists of one length. */
export interface ComplexNumbers {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

function transform(re: ArrayLike<number>, im: ArrayLike<number>, inverse: boolean): ComplexNumbers {
  expect(re.length === im.length, 'SHAPE', () => ({
    where: 'fourier',
    what: 'the imaginary parts',
    expected: `${re.length} numbers, as many as real parts`,
    actual: `${im.length}`,
  }));
  const made = { re: new Float64Array(re.length), im: new Float64Array(re.length) };
  const parts = [Float64Array.from(re), Float64Array.from(im)];
  native(() => addon().fourier([re.length, Number(inverse)], parts, [made.re, made.im]));
  return made;
}

/**
 * X_k = sum over j of x_j e^(-2 pi i j k / n), of n complex numbers, or real ones if `im` is left out (Cooley and Tukey
 * 1965). Any n; quickest where n has small prime factors only. `ops.fft` is the op of the same kind.
 *
 * @throws ConvoltError `SHAPE` when the parts differ in length
 * @example linalg.fourier([1, 2, 3, 4]) // re 10, -2, -2, -2; im 0, 2, 0, -2
 */
export const fourier = (re: ArrayLike<number>, im: ArrayLike<number> = new Float64Array(re.length)): ComplexNumbers =>
  transform(re, im, false);

/** The inverse of `fourier`: x_j = sum over k of X_k e^(2 pi i j k / n) / n. */
export const inverseFourier = ({ re, im }: ComplexNumbers): ComplexNumbers => transform(re, im, true);

/** BFGS: Newton's direction from a matrix that learns the curvature (Broyden, Fletcher, Goldfarb, Shanno 1970). */
import { type Closure, dot, type Minimum } from './closure';
import { type QuasiNewtonOptions, quasiNewton } from './quasi-newton';

/**
 * Minimises a smooth function of a vector: x <- x - t H g with
 *
 *     H <- (I - r s y') H (I - r y s') + r s s',  r = 1 / y's
 *
 * for a step s and the change y of the gradient. H has as many numbers as the square of the vector's length; `lbfgs` does
 * without. A quadratic function of n variables takes n steps or so.
 *
 * @param closure value and gradient at a point, or a promise of them
 * @param start the first point
 * @throws ConvoltError `VALUE` for options out of range
 * @example
 * const { x } = await bfgs(([a, b]) => ({ value: a ** 2 + 10 * b ** 2, gradient: [2 * a, 20 * b] }), [1, 1]);
 */
export async function bfgs(
  closure: Closure,
  start: ArrayLike<number>,
  options: QuasiNewtonOptions = {},
): Promise<Minimum> {
  const n = start.length;
  const inverse = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => Number(i === j)));
  let isFirst = true;
  const times = (g: Float64Array): Float64Array => Float64Array.from(inverse, (row) => dot(row, g));
  const learn = (s: Float64Array, y: Float64Array): void => {
    const sy = dot(s, y);
    if (isFirst) for (const row of inverse) for (let j = 0; j < n; j++) row[j] = ((row[j] as number) * sy) / dot(y, y);
    isFirst = false;
    const hy = times(y);
    const factor = (1 + dot(y, hy) / sy) / sy;
    for (const [i, row] of inverse.entries()) {
      for (let j = 0; j < n; j++) {
        const [si, sj] = [s[i] as number, s[j] as number];
        row[j] = (row[j] as number) + factor * si * sj - ((hy[i] as number) * sj + si * (hy[j] as number)) / sy;
      }
    }
  };
  return quasiNewton('bfgs', closure, start, { times, learn }, options);
}

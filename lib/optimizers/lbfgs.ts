/** L-BFGS: Newton's direction from the last few steps, without a matrix (Liu and Nocedal 1989). */
import { expectWhole } from '../graph/whole';
import { type Closure, dot, type Minimum } from './closure';
import { type QuasiNewtonOptions, quasiNewton } from './quasi-newton';

export interface LbfgsOptions extends QuasiNewtonOptions {
  /** Steps that are remembered. Default 10. */
  readonly history?: number;
}

/**
 * Minimises a smooth function of a vector: x <- x - t H g, where H g is made of the last steps s and changes of the gradient
 * y by the two-loop recursion,
 *
 *     q <- g;  from the newest:  a_i = s_i'q / y_i's_i,  q <- q - a_i y_i
 *     q <- (s'y / y'y) q;  from the oldest:  q <- q + (a_i - y_i'q / y_i's_i) s_i
 *
 * and t fulfils the strong Wolfe conditions (c1 = 1e-4, c2 = 0.9). It takes few, expensive iterations and wants the gradient
 * of the whole data: for small models and full batches.
 *
 * @param closure value and gradient at a point, or a promise of them; `lossOf` makes one of a session
 * @param start the first point
 * @returns the point, its value, and how much it took
 * @throws ConvoltError `VALUE` for options out of range
 * @example
 * const { x } = await lbfgs(([a, b]) => ({ value: a ** 2 + 10 * b ** 2, gradient: [2 * a, 20 * b] }), [1, 1]);
 */
export async function lbfgs(closure: Closure, start: ArrayLike<number>, options: LbfgsOptions = {}): Promise<Minimum> {
  const { history = 10 } = options;
  expectWhole('lbfgs', 'history', history, 1);
  const pairs: { s: Float64Array; y: Float64Array; sy: number }[] = [];
  const add = (q: Float64Array, factor: number, v: Float64Array): void => {
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) + factor * (v[i] as number);
  };
  const times = (gradient: Float64Array): Float64Array => {
    const q = gradient.slice();
    const newest = pairs.at(-1);
    const shares = pairs.toReversed().map(({ s, y, sy }) => {
      const a = dot(s, q) / sy;
      add(q, -a, y);
      return a;
    });
    if (newest) {
      const scale = newest.sy / dot(newest.y, newest.y);
      for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) * scale;
    }
    for (const [i, { s, y, sy }] of pairs.entries()) {
      add(q, (shares[pairs.length - 1 - i] as number) - dot(y, q) / sy, s);
    }
    return q;
  };
  const learn = (s: Float64Array, y: Float64Array): void => {
    pairs.push({ s, y, sy: dot(s, y) });
    if (pairs.length > history) pairs.shift();
  };
  return quasiNewton('lbfgs', closure, start, { times, learn }, options);
}

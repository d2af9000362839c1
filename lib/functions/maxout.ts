/** Maxout: the largest of several affine pieces (Goodfellow et al. 2013). */
import { expect } from '../graph/errors';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { maximum } from '../ops/elementwise';
import { reshape, squeeze } from '../ops/shape';
import { slice } from '../ops/slice';

/**
 * y_i = max(x_{ik}, ..., x_{ik + k - 1}): the largest of each `pieces` = k neighbours on the last axis (Goodfellow et al.
 * 2013). Behind an affine layer it is a convex function that is learned: ReLU and the absolute value are special cases
 * of two pieces. The gradient goes to the winner.
 *
 * @param x [..., units * pieces]
 * @returns [..., units]
 * @throws ConvoltError `SHAPE` when `pieces` does not divide the last axis
 * @example maxout(constant([1, 5, 2, 4, 3, 0]), 2) // [5, 4, 3]
 */
export function maxout(x: Value, pieces: number): Value {
  expectWhole('maxout', 'the pieces', pieces, 1);
  const channels = x.shape.at(-1) ?? 0;
  expect(channels > 0 && channels % pieces === 0, 'SHAPE', () => ({
    where: 'maxout',
    what: 'the last axis',
    expected: `a multiple of ${pieces} pieces`,
    actual: showType(x),
  }));
  const grouped = reshape(x, [...x.shape.slice(0, -1), channels / pieces, pieces]);
  const whole = grouped.shape.slice(0, -1);
  const piece = (i: number): Value =>
    squeeze(slice(grouped, { begin: [...whole.map(() => 0), i], size: [...whole, 1] }), -1);
  return Array.from({ length: pieces }, (_, i) => piece(i)).reduce((largest, next) => maximum(largest, next));
}

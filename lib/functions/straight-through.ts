/** Straight-through estimation: the numbers of one function with the gradient of another (Bengio et al. 2013). */
import { expect } from '../graph/errors';
import { sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { withGradientOf } from '../ops/straight-through';

/**
 * `forward` in the forward pass, exactly; the gradient goes to `surrogate` alone.
 *
 * @param surrogate a differentiable stand-in of the same shape; its numbers are not computed
 * @throws ConvoltError `SHAPE` when the shapes differ
 * @example straightThrough(round(x), x) // whole numbers that can be trained
 */
export function straightThrough(forward: Value, surrogate: Value): Value {
  expect(sameShape(forward.shape, surrogate.shape), 'SHAPE', () => ({
    where: 'straightThrough',
    what: 'the surrogate',
    expected: `of the forward value's shape ${showType(forward)}`,
    actual: showType(surrogate),
  }));
  return withGradientOf(surrogate, forward);
}

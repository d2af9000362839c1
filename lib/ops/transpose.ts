/** Axes in another order. */
import { defineOp } from '../graph/define-op';
import { expect } from '../graph/errors';
import { showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { reshape } from './shape';

/** y[i_p0, i_p1, ...] = x[i_0, i_1, ...]: axis `a` of y is axis `permutation[a]` of x. */
const transposeOp = defineOp<{ permutation: readonly number[] }>({
  name: 'transpose',
  kind: 'kernel',
  infer: ([input], { permutation }) => {
    const x = input as Value;
    return { dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis] as number) };
  },
  gradient: ({ attributes: { permutation } }, [g]) => [g ? transpose(g, inverse(permutation)) : null],
  encode: ({ permutation }) => [permutation.length, ...permutation],
});

const inverse = (permutation: readonly number[]): number[] => permutation.map((_, axis) => permutation.indexOf(axis));

/**
 * `x` with its axes reordered: axis `a` of the result is axis `permutation[a]` of `x`. Where only axes of size 1
 * move, nothing is copied.
 *
 * @param permutation default: all axes reversed
 * @throws ConvoltError `SHAPE` when `permutation` does not name every axis once
 */
export function transpose(x: Value, permutation: readonly number[] = x.shape.map((_, i) => i).reverse()): Value {
  const rank = x.shape.length;
  const isComplete = permutation.length === rank && x.shape.every((_, axis) => permutation.includes(axis));
  expect(isComplete, 'SHAPE', () => ({
    where: 'transpose',
    what: 'the permutation',
    expected: `an order of the axes 0 to ${rank - 1}`,
    actual: showShape(permutation),
    details: { input: showShape(x.shape) },
  }));
  const moving = permutation.filter((axis) => x.shape[axis] !== 1);
  const keepsOrder = moving.every((axis, i) => i === 0 || axis > (moving[i - 1] as number));
  if (keepsOrder)
    return reshape(
      x,
      permutation.map((axis) => x.shape[axis] as number),
    );
  return transposeOp([x], { permutation }).outputs[0] as Value;
}

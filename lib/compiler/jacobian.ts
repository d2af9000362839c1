/** Derivatives of vectors by vectors: whole matrices, and their products with one vector. */
import { expect } from '../graph/errors';
import { sameShape, showType, sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { stack } from '../ops/concat';
import { broadcastTo, mul } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { reshape } from '../ops/shape';
import { constant } from '../ops/source';
import { gradients } from './differentiate';

function expectSameShape(where: string, v: Value, like: Value): void {
  expect(sameShape(v.shape, like.shape), 'SHAPE', () => ({
    where,
    what: 'the vector',
    expected: `of the shape of ${showType(like)}`,
    actual: showType(v),
  }));
}

/**
 * v^T J with J_ij = dy_i / dx_j: the vector-Jacobian product, one pass backward, as reverse mode does it.
 *
 * @param v of the shape of y
 * @returns a value of the shape of x
 * @throws ConvoltError `SHAPE` when v is of another shape than y
 * @example vectorJacobian(y, x, v)
 */
export function vectorJacobian(y: Value, x: Value, v: Value): Value {
  expectSameShape('vectorJacobian', v, y);
  return gradients(y, [x], v)[0] as Value;
}

/**
 * J v: the Jacobian-vector product, how y changes when x moves along v. Since u^T J is linear in u, its gradient with
 * respect to u along v is J v: two passes backward give one forward.
 *
 * @param v of the shape of x
 * @returns a value of the shape of y
 * @throws ConvoltError `SHAPE` when v is of another shape than x
 * @example jacobianVector(softmax(z), z, v)
 */
export function jacobianVector(y: Value, x: Value, v: Value): Value {
  expectSameShape('jacobianVector', v, x);
  const u = broadcastTo(constant(0), y.shape); // any u does
  return gradients(sum(mul(vectorJacobian(y, x, u), v)), [u])[0] as Value;
}

/**
 * The Jacobian J_ij = dy_i / dx_j, row by row: as many passes backward as y has elements.
 *
 * That of an elementwise function is diagonal, e.g. diag(s (1 - s)) for the sigmoid; that of softmax is not:
 * diag(p) - p p^T, whose rows add up to 0.
 *
 * @returns [elements of y, elements of x]
 * @example jacobian(softmax(z), z)
 */
export function jacobian(y: Value, x: Value): Value {
  const rows = sizeOf(y.shape);
  const row = (i: number): Value => {
    const unit = constant(Float32Array.from({ length: rows }, (_, k) => Number(k === i)));
    return reshape(vectorJacobian(y, x, reshape(unit, [...y.shape])), [sizeOf(x.shape)]);
  };
  return stack(
    Array.from({ length: rows }, (_, i) => row(i)),
    { axis: 0 },
  );
}

/** One pick per row: elements of the last axis by index, and the adjoint that puts them back. */
import { defineOp, expectDType } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';

function expectSameRows(where: string, indices: Value, other: Value): void {
  expectDType(where, 'the indices', indices, 'int32');
  const isFit = indices.shape.length > 0 && sameShape(indices.shape.slice(0, -1), other.shape.slice(0, -1));
  expect(isFit && other.shape.length === indices.shape.length, 'SHAPE', () => ({
    where,
    what: 'the indices',
    expected: `of the same shape as ${showType(other)} but for the last axis`,
    actual: showType(indices),
  }));
}

/** y[..., k] = x[..., indices[..., k]]. */
const takeOp = defineOp<Record<string, never>>({
  name: 'takeAlongAxis',
  kind: 'kernel',
  infer: (inputs) => {
    const [x, indices] = inputs as [Value, Value];
    expectSameRows('takeAlongAxis', indices, x);
    return { dtype: x.dtype, shape: indices.shape };
  },
  gradient: ({ inputs }, [g]) => {
    const [x, indices] = inputs as [Value, Value];
    return [g ? putAlongAxis(indices, g, { size: x.shape.at(-1) as number }) : null, null];
  },
  encode: () => [],
});

/** y = 0, then y[..., indices[..., k]] += updates[..., k]. */
const putOp = defineOp<{ size: number }>({
  name: 'putAlongAxis',
  kind: 'kernel',
  infer: (inputs, { size }) => {
    const [indices, updates] = inputs as [Value, Value];
    expectDType('putAlongAxis', 'the updates', updates, 'float32');
    expectSameRows('putAlongAxis', indices, updates);
    expect(sameShape(indices.shape, updates.shape), 'SHAPE', () => ({
      where: 'putAlongAxis',
      what: 'the updates',
      expected: `of the indices' shape ${showType(indices)}`,
      actual: showType(updates),
    }));
    return { dtype: 'float32', shape: [...updates.shape.slice(0, -1), size] };
  },
  gradient: ({ inputs: [indices] }, [g]) => [null, g ? takeAlongAxis(g, indices as Value) : null],
  encode: () => [],
});

/**
 * Elements of the last axis of `x` by int32 `indices` of the same leading shape, e.g. the probability of each
 * example's label: `takeAlongAxis(probabilities, expandDims(labels, -1))`.
 *
 * @throws ConvoltError `VALUE` when the program runs and an index lies outside of the axis
 */
export const takeAlongAxis = (x: Value, indices: Value): Value => takeOp([x, indices], {}).outputs[0] as Value;

/** The adjoint of `takeAlongAxis`: zeros with a last axis of `size`, to which `updates` are added by index. */
export function putAlongAxis(indices: Value, updates: Value, options: { size: number }): Value {
  expectOptions('putAlongAxis', options, ['size']);
  expectWhole('putAlongAxis', 'the size', options.size, 1);
  return putOp([indices, updates], { size: options.size }).outputs[0] as Value;
}

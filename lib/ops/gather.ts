/** Rows picked by index, and their adjoint: rows added up by index. */
import { defineOp, expectDType, resolveAxis } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';

/** y[..., i, ...] = table[..., indices[i], ...]. */
const gatherOp = defineOp<{ axis: number }>({
  name: 'gather',
  kind: 'kernel',
  infer: (inputs, { axis }) => {
    const [table, indices] = inputs as [Value, Value];
    expectDType('gather', 'the indices', indices, 'int32');
    return {
      dtype: table.dtype,
      shape: [...table.shape.slice(0, axis), ...indices.shape, ...table.shape.slice(axis + 1)],
    };
  },
  gradient: ({ inputs, attributes: { axis } }, [g]) => {
    const [table, indices] = inputs as [Value, Value];
    return [g ? scatterAdd(indices, g, { axis, size: table.shape[axis] as number }) : null, null];
  },
  encode: ({ axis }) => [axis],
});

/** y = 0, then y[..., indices[i], ...] += updates[..., i, ...]. */
const scatterAddOp = defineOp<{ axis: number; size: number }>({
  name: 'scatterAdd',
  kind: 'kernel',
  infer: (inputs, { axis, size }) => {
    const [indices, updates] = inputs as [Value, Value];
    expectDType('scatterAdd', 'the indices', indices, 'int32');
    expectDType('scatterAdd', 'the updates', updates, 'float32');
    const end = axis + indices.shape.length;
    expect(sameShape(updates.shape.slice(axis, end), indices.shape), 'SHAPE', () => ({
      where: 'scatterAdd',
      what: 'the updates',
      expected: `of the indices' shape from axis ${axis} on`,
      actual: showType(updates),
      details: { indices: showType(indices) },
    }));
    return { dtype: 'float32', shape: [...updates.shape.slice(0, axis), size, ...updates.shape.slice(end)] };
  },
  gradient: ({ inputs: [indices], attributes: { axis } }, [g]) => [
    null,
    g ? gather(g, indices as Value, { axis }) : null,
  ],
  encode: ({ axis }) => [axis],
});

/**
 * Picks entries of `table` along `axis` (default 0) by int32 `indices`: the axis becomes the indices' shape. The
 * table may have any element type, e.g. uint8 images that are kept in the store.
 *
 * @throws ConvoltError `VALUE` when the program runs and an index lies outside of the table
 */
export function gather(table: Value, indices: Value, options: { axis?: number } = {}): Value {
  expectOptions('gather', options, ['axis']);
  const axis = resolveAxis('gather', options.axis ?? 0, table.shape.length);
  return gatherOp([table, indices], { axis }).outputs[0] as Value;
}

/**
 * Adds `updates` up by int32 `indices`: along `axis` (default 0) the indices' axes become one of length `size`, zero
 * where no index points. The sum of equal indices is taken in their order, at any number of threads.
 */
export function scatterAdd(indices: Value, updates: Value, options: { axis?: number; size: number }): Value {
  expectOptions('scatterAdd', options, ['axis', 'size']);
  expectWhole('scatterAdd', 'the size', options.size, 1);
  const places = updates.shape.length - indices.shape.length + 1;
  const axis = resolveAxis('scatterAdd', options.axis ?? 0, places);
  return scatterAddOp([indices, updates], { axis, size: options.size }).outputs[0] as Value;
}

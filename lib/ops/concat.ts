/** Tensors joined along an axis, and cut along it again. */
import { defineOp, resolveAxis } from '../graph/define-op';
import { complaint, expect, expectOptions } from '../graph/errors';
import { showShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expandDims } from './shape';
import { slice } from './slice';

export type AxisOptions = { axis?: number };

const concatOp = defineOp<{ axis: number }>({
  name: 'concat',
  kind: 'kernel',
  infer: (inputs, { axis }) => {
    const first = inputs[0] as Value;
    const fits = (x: Value) =>
      x.dtype === first.dtype &&
      x.shape.length === first.shape.length &&
      x.shape.every((length, i) => i === axis || length === first.shape[i]);
    expect(inputs.every(fits), 'SHAPE', () => ({
      where: 'concat',
      what: 'the values',
      expected: `of one type and equal on every axis but ${axis}`,
      actual: inputs.map(showType).join(' and '),
    }));
    const total = inputs.reduce((length, x) => length + (x.shape[axis] as number), 0);
    return { dtype: first.dtype, shape: first.shape.map((length, i) => (i === axis ? total : length)) };
  },
  gradient: ({ inputs, attributes: { axis } }, [g]) => {
    if (!g) return inputs.map(() => null);
    return split(
      g,
      inputs.map((input) => input.shape[axis] as number),
      { axis },
    );
  },
  encode: ({ axis }) => [axis],
});

function expectSome(where: string, values: readonly Value[]): Value {
  const [first] = values;
  if (first) return first;
  throw complaint('VALUE', { where, what: 'the values', expected: 'at least one', actual: 'none' });
}

/**
 * Joins values along `axis` (default 0); they are equal on every other axis.
 *
 * @throws ConvoltError `SHAPE` when types or other sizes differ
 */
export function concat(values: readonly Value[], options: AxisOptions = {}): Value {
  expectOptions('concat', options, ['axis']);
  const first = expectSome('concat', values);
  const axis = resolveAxis('concat', options.axis ?? 0, first.shape.length);
  return values.length === 1 ? first : (concatOp(values, { axis }).outputs[0] as Value);
}

/** Joins values of equal shape along a new axis (default 0). */
export function stack(values: readonly Value[], options: AxisOptions = {}): Value {
  expectOptions('stack', options, ['axis']);
  const axis = resolveAxis('stack', options.axis ?? 0, expectSome('stack', values).shape.length + 1);
  return concat(
    values.map((value) => expandDims(value, axis)),
    { axis },
  );
}

/**
 * Cuts `x` along `axis` (default 0) into `parts` equal parts, or into parts of the given sizes.
 *
 * @throws ConvoltError `SHAPE` when the parts do not divide the axis, or the sizes do not sum to it
 */
export function split(x: Value, parts: number | readonly number[], options: AxisOptions = {}): Value[] {
  expectOptions('split', options, ['axis']);
  const axis = resolveAxis('split', options.axis ?? 0, x.shape.length);
  const length = x.shape[axis] as number;
  const sizes = typeof parts === 'number' ? equalSizes(x, parts, length) : parts;
  const areSizes = sizes.every((size) => Number.isInteger(size) && size >= 0);
  expect(areSizes && sizes.reduce((a, b) => a + b, 0) === length, 'SHAPE', () => ({
    where: 'split',
    what: 'the sizes',
    expected: `whole numbers that sum to ${length}`,
    actual: showShape(sizes),
    details: { input: showShape(x.shape) },
  }));
  let from = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === axis ? from : 0));
    from += size;
    return slice(x, { begin, size: x.shape.map((whole, i) => (i === axis ? size : whole)) });
  });
}

function equalSizes(x: Value, parts: number, length: number): number[] {
  expect(Number.isInteger(parts) && parts > 0 && length % parts === 0, 'SHAPE', () => ({
    where: 'split',
    what: 'the number of parts',
    expected: `a divisor of ${length}`,
    actual: `${parts}`,
    details: { input: showShape(x.shape) },
  }));
  return new Array<number>(parts).fill(length / parts);
}

/** A box cut out of a tensor, and its adjoint, which puts a box back among zeros. */
import { defineOp } from '../graph/define-op';
import { complaint, expect, expectOptions } from '../graph/errors';
import { type Shape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';

/**
 * Per axis: the first position (negative counts from the back), the number of positions (-1: all that remain) and
 * the distance between them (default 1; negative runs backwards).
 */
export type SliceOptions = { begin: readonly number[]; size: readonly number[]; step?: readonly number[] };

/** y[i] = x[begin + i * step] on every axis. */
const sliceOp = defineOp<{ begin: readonly number[]; size: readonly number[]; step: readonly number[] }>({
  name: 'slice',
  kind: 'kernel',
  infer: ([x], { size }) => ({ dtype: (x as Value).dtype, shape: size }),
  gradient: ({ inputs: [x], attributes: { begin, step } }, [g]) => [
    g ? sliceGrad(g, { inputShape: (x as Value).shape, begin, step }) : null,
  ],
  encode: ({ begin, step }) => [begin.length, ...begin, ...step],
});

/** x = 0 but x[begin + i * step] = y[i]. */
const sliceGradOp = defineOp<{ inputShape: Shape; begin: readonly number[]; step: readonly number[] }>({
  name: 'sliceGrad',
  kind: 'kernel',
  infer: ([y], { inputShape }) => ({ dtype: (y as Value).dtype, shape: inputShape }),
  gradient: ({ inputs: [y], attributes: { begin, step } }, [g]) => [
    g ? slice(g, { begin, size: (y as Value).shape, step }) : null,
  ],
  encode: ({ begin, step }) => [begin.length, ...begin, ...step],
});

/** The adjoint of `slice`: `y` placed into zeros of `inputShape`. */
export const sliceGrad = (
  y: Value,
  attributes: { inputShape: Shape; begin: readonly number[]; step: readonly number[] },
): Value => sliceGradOp([y], attributes).outputs[0] as Value;

/** The number of positions from `begin` to the end of an axis, `step` apart. */
const remaining = (begin: number, length: number, step: number): number =>
  step > 0 ? Math.ceil((length - begin) / step) : Math.ceil((begin + 1) / -step);

/**
 * The box `begin + i * step`, i < size, on every axis of `x`.
 *
 * @throws ConvoltError `SHAPE` when the box does not lie inside `x`
 * @example slice(x, { begin: [0, 1], size: [-1, 2] }) // columns 1 and 2
 * @example slice(x, { begin: [-1], size: [-1], step: [-1] }) // a vector backwards
 */
export function slice(x: Value, options: SliceOptions): Value {
  expectOptions('slice', options, ['begin', 'size', 'step']);
  const rank = x.shape.length;
  const step = options.step ?? x.shape.map(() => 1);
  for (const [name, list] of Object.entries({ begin: options.begin, size: options.size, step })) {
    expect(list.length === rank, 'SHAPE', () => ({
      where: 'slice',
      what: name,
      expected: `${rank} numbers, one per axis`,
      actual: showShape(list),
      details: { input: showShape(x.shape) },
    }));
  }
  const box = x.shape.map((length, axis) => boxOf(x, axis, length, options, step[axis] as number));
  const [begin, size] = [box.map((side) => side.begin), box.map((side) => side.size)];
  const isWhole = box.every((side, axis) => side.begin === 0 && side.size === x.shape[axis] && step[axis] === 1);
  return isWhole ? x : (sliceOp([x], { begin, size, step }).outputs[0] as Value);
}

function boxOf(x: Value, axis: number, length: number, options: SliceOptions, step: number) {
  const [from, asked] = [options.begin[axis] as number, options.size[axis] as number];
  const begin = from < 0 ? from + length : from;
  const size = asked === -1 ? remaining(begin, length, step) : asked;
  const last = begin + (size - 1) * step;
  const isWhole = [begin, size, step].every(Number.isInteger) && step !== 0 && size >= 0;
  const fits = begin >= 0 && begin <= length && (size === 0 || (begin < length && last >= 0 && last < length));
  if (isWhole && fits) return { begin, size };
  throw complaint('SHAPE', {
    where: 'slice',
    what: `the box on axis ${axis}`,
    expected: `inside 0 to ${length - 1}`,
    actual: `begin ${from}, size ${asked}, step ${step}`,
    details: { input: showShape(x.shape) },
  });
}

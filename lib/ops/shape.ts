/** The same elements under another shape: views, which never copy. */
import { defineOp, resolveAxis } from '../graph/define-op';
import { complaint, expect } from '../graph/errors';
import { type Shape, sameShape, showShape, sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';

const reshapeOp = defineOp<{ shape: Shape }>({
  name: 'reshape',
  kind: 'view',
  infer: ([x], { shape }) => ({ dtype: (x as Value).dtype, shape }),
  gradient: ({ inputs: [x] }, [g]) => [g ? reshape(g, (x as Value).shape) : null],
});

/**
 * `x` under another shape; one size may be -1 and is then what remains.
 *
 * @throws ConvoltError `SHAPE` when the number of elements differs
 */
export function reshape(x: Value, shape: Shape): Value {
  const resolved = resolveShape(x, shape);
  return sameShape(x.shape, resolved) ? x : (reshapeOp([x], { shape: resolved }).outputs[0] as Value);
}

function resolveShape(x: Value, shape: Shape): Shape {
  const refuse = (expected: string) =>
    complaint('SHAPE', {
      where: 'reshape',
      what: 'the shape',
      expected,
      actual: showShape(shape),
      details: { input: showShape(x.shape) },
    });
  const open = shape.indexOf(-1);
  const known = shape.filter((_, axis) => axis !== open);
  if (!known.every((length) => Number.isInteger(length) && length >= 0)) {
    throw refuse('whole numbers of 0 or more, at most one of them -1');
  }
  const [total, rest] = [sizeOf(x.shape), sizeOf(known)];
  if (open >= 0 && (rest === 0 || total % rest !== 0)) throw refuse(`a divisor of ${total} elements`);
  if (open < 0 && rest !== total) throw refuse(`of ${total} elements`);
  return shape.map((length, axis) => (axis === open ? total / rest : length));
}

/** [N, ...] to [N, everything else]. */
export function flatten(x: Value): Value {
  expect(x.shape.length > 0, 'SHAPE', () => ({
    where: 'flatten',
    what: 'the input',
    expected: '[N, ...]',
    actual: showShape(x.shape),
  }));
  const [n = 1, ...rest] = x.shape;
  return reshape(x, [n, sizeOf(rest)]);
}

/** Inserts an axis of size 1 before `axis`; -1 appends it. */
export function expandDims(x: Value, axis: number): Value {
  const at = resolveAxis('expandDims', axis, x.shape.length + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/**
 * Drops axes of size 1.
 *
 * @param axes default: every axis of size 1
 * @throws ConvoltError `SHAPE` when a named axis has another size
 */
export function squeeze(x: Value, axes?: number | readonly number[]): Value {
  const all = x.shape.flatMap((length, axis) => (length === 1 ? [axis] : []));
  const dropped = axes === undefined ? all : [axes].flat().map((axis) => resolveAxis('squeeze', axis, x.shape.length));
  for (const axis of dropped) {
    expect(x.shape[axis] === 1, 'SHAPE', () => ({
      where: 'squeeze',
      what: `the size of axis ${axis}`,
      expected: '1',
      actual: `${x.shape[axis]}`,
      details: { input: showShape(x.shape) },
    }));
  }
  return reshape(
    x,
    x.shape.filter((_, axis) => !dropped.includes(axis)),
  );
}

const stopGradientOp = defineOp<Record<string, never>>({
  name: 'stopGradient',
  kind: 'view',
  infer: ([x]) => x as Value,
});

/** `x` as a constant for differentiation: no gradient flows through it. */
export const stopGradient = (x: Value): Value => stopGradientOp([x], {}).outputs[0] as Value;

/** Throws unless `shape` consists of whole numbers of `least` or more. */
export function expectSizes(where: string, shape: Shape, least: number): void {
  for (const length of shape) expectWhole(where, 'every size', length, least);
}

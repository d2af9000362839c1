/** Borders around a tensor: a constant, or its own elements mirrored or repeated. */
import { defineOp, expectDType } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { type Shape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { slice } from './slice';

/** `reflect` mirrors around the edge (c b | a b c | b a), `replicate` repeats the edge (a a | a b c | c c). */
export type PadMode = 'constant' | 'reflect' | 'replicate';

/** The order is the kernel's numbering. */
const modes: readonly PadMode[] = ['constant', 'reflect', 'replicate'];

type Border = { before: readonly number[]; after: readonly number[]; mode: PadMode };

/** Elements added per axis before and after; `mode` default 'constant', with `value` default 0. */
export type PadOptions = { before: readonly number[]; after: readonly number[]; mode?: PadMode; value?: number };

const encodeBorder = ({ before, after, mode }: Border): number[] => [
  before.length,
  ...before,
  ...after,
  modes.indexOf(mode),
];

const resized = (shape: Shape, { before, after }: Border, sign: 1 | -1): number[] =>
  shape.map((length, axis) => length + sign * ((before[axis] as number) + (after[axis] as number)));

/** y[i] = x[source(i - before)], or `value` outside of x in mode 'constant'. */
const padOp = defineOp<Border & { value: number }>({
  name: 'pad',
  kind: 'kernel',
  infer: ([x], attributes) => ({ dtype: (x as Value).dtype, shape: resized((x as Value).shape, attributes, 1) }),
  gradient: ({ inputs: [x], attributes: { before, after, mode } }, [g]) => {
    if (!g) return [null];
    const size = (x as Value).shape;
    return [mode === 'constant' ? slice(g, { begin: before, size }) : padGrad(g, { before, after, mode })];
  },
  encode: (attributes) => [...encodeBorder(attributes), attributes.value],
});

/** x[j] = sum of y[i] over the i whose source is j. */
const padGradOp = defineOp<Border>({
  name: 'padGrad',
  kind: 'kernel',
  infer: ([y], attributes) => {
    expectDType('padGrad', 'the gradient', y as Value, 'float32');
    return { dtype: 'float32', shape: resized((y as Value).shape, attributes, -1) };
  },
  gradient: ({ attributes }, [g]) => [g ? pad(g, attributes) : null],
  encode: encodeBorder,
});

/** The adjoint of `pad`: sums every border element into the element that it was copied from. */
export const padGrad = (y: Value, border: Border): Value => padGradOp([y], border).outputs[0] as Value;

/** How many elements an axis of `length` can lend to one border. */
function widestBorder(mode: PadMode, length: number): number {
  if (mode === 'reflect') return length - 1;
  return mode === 'replicate' && length === 0 ? 0 : Number.POSITIVE_INFINITY;
}

/**
 * `x` with a border.
 *
 * @throws ConvoltError `SHAPE` when a border is negative, is not given per axis, or mirrors more than there is
 * @example pad(images, { before: [0, 2, 2, 0], after: [0, 2, 2, 0] }) // two black pixels around
 */
export function pad(x: Value, options: PadOptions): Value {
  expectOptions('pad', options, ['before', 'after', 'mode', 'value']);
  const { before, after, mode = 'constant', value = 0 } = options;
  expect(modes.includes(mode), 'OPTION', () => ({
    where: 'pad',
    what: 'the mode',
    expected: `one of ${modes.join(', ')}`,
    actual: `'${mode}'`,
  }));
  for (const [name, list] of Object.entries({ before, after })) {
    const fits = x.shape.every((length, axis) => {
      const border = list[axis] as number;
      return Number.isInteger(border) && border >= 0 && (border === 0 || border <= widestBorder(mode, length));
    });
    expect(list.length === x.shape.length && fits, 'SHAPE', () => ({
      where: 'pad',
      what: name,
      expected: `one whole number of 0 or more per axis${mode === 'reflect' ? ', less than the axis' : ''}`,
      actual: showShape(list),
      details: { input: showShape(x.shape), mode },
    }));
  }
  if ([...before, ...after].every((border) => border === 0)) return x;
  return padOp([x], { before, after, mode, value }).outputs[0] as Value;
}

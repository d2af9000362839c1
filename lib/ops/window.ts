/** Windows that slide over images: their options, and how many positions they have. */
import { complaint, expect } from '../graph/errors';
import { type Shape, showShape } from '../graph/tensor';
import { expectWhole } from '../graph/whole';

/** One number per axis of the image: rows (height), columns (width). */
export type Pair = readonly [number, number];

/** Zeros around the image: top, bottom, left, right. */
export type Border = readonly [number, number, number, number];

/**
 * Padding as users write it.
 * - `'valid'`: none.
 * - `'same'`: so much that ceil(size / stride) positions fit; an odd one goes to the bottom or right.
 * - `'full'`: dilation * (window - 1) on every side, so that every overlap of window and image counts.
 * - a number for every side, `[height, width]`, or `[top, bottom, left, right]`.
 */
export type Padding = 'valid' | 'same' | 'full' | number | Pair | Border;

/** How a window slides. */
export interface SlidingOptions {
  /** Pixels from one position to the next; default 1. */
  stride?: number | Pair;
  /** Default `'valid'`. */
  padding?: Padding;
  /** Pixels from one tap of the window to the next; default 1. */
  dilation?: number | Pair;
}

/** The same, explicit: what ops carry. */
export type Sliding = { readonly stride: Pair; readonly padding: Border; readonly dilation: Pair };

/** Checks that `value` is one whole number of `least` or more, or a pair of them, and gives the pair. */
export function resolvePair(where: string, what: string, value: number | Pair, least: number): Pair {
  const pair = typeof value === 'number' ? [value, value] : value;
  expect(Array.isArray(pair) && pair.length === 2, 'VALUE', () => ({
    where,
    what,
    expected: 'a number or [height, width]',
    actual: JSON.stringify(value),
  }));
  for (const number of pair) expectWhole(where, what, number, least);
  return pair as unknown as Pair;
}

/** The least padding under which ceil(length / stride) positions fit, the odd one behind. */
function samePadding(length: number, window: number, stride: number, dilation: number): Pair {
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + dilation * (window - 1) + 1 - length, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

type Steps = { readonly window: Pair; readonly stride: Pair; readonly dilation: Pair };

function resolvePadding(where: string, image: Shape, padding: Padding, { window, stride, dilation }: Steps): Border {
  const perAxis = (rule: (axis: 0 | 1) => Pair): Border => [...rule(0), ...rule(1)];
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding === 'same') {
    return perAxis((axis) => samePadding(image[axis + 1] as number, window[axis], stride[axis], dilation[axis]));
  }
  if (padding === 'full') {
    const extent = (axis: 0 | 1): number => dilation[axis] * (window[axis] - 1);
    return perAxis((axis) => [extent(axis), extent(axis)]);
  }
  if (typeof padding === 'string') {
    throw complaint('OPTION', {
      where,
      what: 'the padding',
      expected: "'valid', 'same', 'full' or numbers",
      actual: `'${padding}'`,
    });
  }
  if (Array.isArray(padding) && padding.length === 4) {
    for (const side of padding) expectWhole(where, 'the padding', side, 0);
    return padding as unknown as Border;
  }
  const pair = resolvePair(where, 'the padding', padding as number | Pair, 0);
  return perAxis((axis) => [pair[axis], pair[axis]]);
}

/** Makes the options of a window over `image` [N, H, W, C] explicit. */
export function resolveSliding(where: string, image: Shape, window: Pair, options: SlidingOptions): Sliding {
  const stride = resolvePair(where, 'the stride', options.stride ?? 1, 1);
  const dilation = resolvePair(where, 'the dilation', options.dilation ?? 1, 1);
  const padding = resolvePadding(where, image, options.padding ?? 'valid', { window, stride, dilation });
  return { stride, padding, dilation };
}

/** How a window slides along one axis; `padding` is before and after. */
export type AxisOptions = { stride?: number; padding?: Pair; dilation?: number; ceil?: boolean };

/**
 * Positions of a window along one axis: floor((length + before + after - dilation * (window - 1) - 1) / stride) + 1.
 * With `ceil` the last position may stick out, but begins inside the image or the padding before it.
 *
 * @param options default: stride 1, no padding, dilation 1, `ceil` false
 * @returns a number below 1 when the window does not fit
 */
export function outputSize(length: number, window: number, options: AxisOptions = {}): number {
  const { stride = 1, padding = [0, 0], dilation = 1, ceil = false } = options;
  const room = length + padding[0] + padding[1] - dilation * (window - 1) - 1;
  if (room < 0 || !ceil) return Math.floor(room / stride) + 1;
  const count = Math.ceil(room / stride) + 1;
  return (count - 1) * stride < length + padding[0] ? count : count - 1;
}

/** Height and width of what a window makes of `image` [N, H, W, C]; a complaint when it does not fit in. */
export function outputSizes(where: string, image: Shape, window: Pair, sliding: Sliding, ceil = false): Pair {
  const { stride, padding, dilation } = sliding;
  const along = (axis: 0 | 1): number =>
    outputSize(image[axis + 1] as number, window[axis], {
      stride: stride[axis],
      padding: [padding[2 * axis] as number, padding[2 * axis + 1] as number],
      dilation: dilation[axis],
      ceil,
    });
  const sizes: Pair = [along(0), along(1)];
  expect(Math.min(...sizes) >= 1, 'SHAPE', () => ({
    where,
    what: 'the window',
    expected: 'no larger than the padded image',
    actual: showShape(window),
    details: { image: showShape(image), padding: showShape(padding), dilation: showShape(dilation) },
  }));
  return sizes;
}

/** Stride, padding and dilation as the kernels read them. */
export const encodeSliding = ({ stride, padding, dilation }: Sliding): number[] => [...stride, ...padding, ...dilation];

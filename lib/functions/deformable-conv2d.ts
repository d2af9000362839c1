/** Convolution whose taps stand where offsets move them (Dai et al. 2017). */
import { expectDType, expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { sameShape, showShape, showType, sizeOf, tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { add, cast, clip, floor, lessEqual, logicalAnd, mul, sub, where } from '../ops/elementwise';
import { gather } from '../ops/gather';
import { matmul } from '../ops/matmul';
import { expandDims, reshape, squeeze } from '../ops/shape';
import { slice } from '../ops/slice';
import { constant } from '../ops/source';
import { transpose } from '../ops/transpose';
import { outputSizes, type Pair, resolveSliding, type SlidingOptions } from '../ops/window';

/** `stride`, `padding` and `dilation` are those of `conv2d`. */
export interface DeformableConv2dOptions extends SlidingOptions {
  /** Groups of channels with offsets of their own. Default 1. */
  readonly offsetGroups?: number;
}

/** The names of all options. */
export const deformableOptions = ['stride', 'padding', 'dilation', 'offsetGroups'] as const;

/** Whole numbers up to here are exact in float32, in which places are computed. */
const mostPixels = 2 ** 24;

/** Numbers along one axis of five: [N, OH, OW, taps, groups]. */
const along = (axis: number, numbers: readonly number[]): Value =>
  constant(
    tensor(
      Float32Array.from(numbers),
      [0, 1, 2, 3, 4].map((other) => (other === axis ? numbers.length : 1)),
    ),
  );

const range = (count: number, make: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** The two pixels around a place on one axis, and what they count; 0 outside of the image. */
function neighbours(place: Value, length: number): { pixel: Value; share: Value }[] {
  const before = floor(place);
  const fraction = sub(place, before);
  return [
    { at: before, share: sub(1, fraction) },
    { at: add(before, 1), share: fraction },
  ].map(({ at, share }) => {
    const isInside = logicalAnd(lessEqual(0, at), lessEqual(at, length - 1));
    return { pixel: clip(at, 0, length - 1), share: where(isInside, share, 0) };
  });
}

/**
 * y(p) = sum over taps k of w_k * x(p + p_k + offset_k(p)): a convolution that looks where the offsets say, by bilinear
 * interpolation; outside of the image is 0 (Dai et al. 2017). Gradients go to x, weights and offsets. With offsets of 0 it
 * is `conv2d`.
 *
 * @param x float32 images [N, H, W, C]
 * @param offsets [N, OH, OW, offsetGroups * kh * kw * 2]: rows and columns for each tap, group by group
 * @param weight [kh, kw, C, K]
 * @returns [N, OH, OW, K]
 * @throws ConvoltError `SHAPE` when they do not fit, or images have more than 2^24 pixels times groups
 * @example deformableConv2d(x, conv2d(x, offsetWeight, { padding: 1 }), weight, { padding: 1 })
 */
export function deformableConv2d(
  x: Value,
  offsets: Value,
  weight: Value,
  options: DeformableConv2dOptions = {},
): Value {
  const name = 'deformableConv2d';
  expectOptions(name, options, deformableOptions);
  const { offsetGroups: groups = 1 } = options;
  expectWhole(name, 'offsetGroups', groups, 1);
  for (const [what, value] of Object.entries({ 'the input': x, 'the offsets': offsets, 'the weight': weight })) {
    expectDType(name, what, value, 'float32');
    expectRank(name, what, value, 4, what === 'the weight' ? '[kh, kw, C, K]' : '[N, H, W, C]');
  }
  const [n, height, width, channels] = x.shape as [number, number, number, number];
  const [kh, kw, inputs, filters] = weight.shape as [number, number, number, number];
  expect(inputs === channels && channels % groups === 0, 'SHAPE', () => ({
    where: name,
    what: 'the channels',
    expected: `those of the weight ${showType(weight)} and a multiple of offsetGroups = ${groups}`,
    actual: showType(x),
  }));
  const sliding = resolveSliding(name, x.shape, [kh, kw], options);
  const [outHeight, outWidth] = outputSizes(name, x.shape, [kh, kw], sliding) as Pair;
  const taps = kh * kw;
  const fitting = [n, outHeight, outWidth, groups * taps * 2];
  expect(sameShape(offsets.shape, fitting), 'SHAPE', () => ({
    where: name,
    what: 'the offsets',
    expected: showShape(fitting),
    actual: showShape(offsets.shape),
  }));
  const rows = n * height * width * groups;
  expect(rows <= mostPixels, 'SHAPE', () => ({
    where: name,
    what: 'the pixels times offset groups',
    expected: `at most ${mostPixels}`,
    actual: String(rows),
  }));
  const { stride, padding, dilation } = sliding;
  // [N, OH, OW, taps, groups, 2]
  const perTap = transpose(reshape(offsets, [n, outHeight, outWidth, groups, taps, 2]), [0, 1, 2, 4, 3, 5]);
  const moved = (axis: 0 | 1, step: number, tap: (k: number) => number, before: number): Value => {
    const begin = [0, 0, 0, 0, 0, axis];
    const own = squeeze(slice(perTap, { begin, size: [...perTap.shape.slice(0, -1), 1] }), -1);
    const starts = along(
      axis + 1,
      range(axis ? outWidth : outHeight, (i) => i * step - before),
    );
    return add(
      add(own, starts),
      along(
        3,
        range(taps, (k) => tap(k) * dilation[axis]),
      ),
    );
  };
  const down = neighbours(
    moved(0, stride[0], (k) => Math.floor(k / kw), padding[0]),
    height,
  );
  const right = neighbours(
    moved(1, stride[1], (k) => k % kw, padding[2]),
    width,
  );
  const table = reshape(x, [rows, channels / groups]);
  const firstRow = along(
    0,
    range(n, (i) => i * height * width * groups),
  );
  const group = along(
    4,
    range(groups, (g) => g),
  );
  const corners = down.flatMap((row) =>
    right.map((column) => {
      const pixel = add(mul(row.pixel, width), column.pixel);
      const index = cast(add(add(mul(pixel, groups), group), firstRow), 'int32');
      return mul(gather(table, index), expandDims(mul(row.share, column.share), -1));
    }),
  );
  const sampled = corners.reduce((total, corner) => add(total, corner)); // [N, OH, OW, taps, groups, C / groups]
  const columns = reshape(sampled, [n, outHeight, outWidth, taps * channels]);
  return matmul(columns, reshape(weight, [sizeOf([taps, channels]), filters]));
}

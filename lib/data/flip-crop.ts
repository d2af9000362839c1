/** Windows and mirror images of a batch, one choice per image: what augmentations are made of. */
import { expectChoice } from '../functions/option-values';
import { expectDType, expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { showShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { add, mul, sub, where } from '../ops/elementwise';
import { gather } from '../ops/gather';
import { reshape } from '../ops/shape';
import { constant } from '../ops/source';
import { type Pair, resolvePair } from '../ops/window';

type Sizes = readonly [number, number, number, number];

/** N, H, W and C of a batch of images, or a complaint. */
export function sizesOf(where: string, images: Value): Sizes {
  expectRank(where, 'the images', images, 4, '[N, H, W, C]');
  return images.shape as unknown as Sizes;
}

function expectPerImage(where: string, what: string, value: Value, shape: readonly number[]): void {
  expect(showShape(value.shape) === showShape(shape), 'SHAPE', () => ({
    where,
    what,
    expected: `${showShape(shape)}, for every image`,
    actual: showShape(value.shape),
  }));
}

/** Whole numbers in float32 are exact up to here. */
const mostPixels = 2 ** 24;

/** 0, step, 2 step, ... along one axis of a grid [N, H, W]. */
function steps(count: number, axis: 0 | 1 | 2, step = 1): Value {
  const shape = [1, 1, 1];
  shape[axis] = count;
  return constant({ dtype: 'int32', shape, data: Int32Array.from({ length: count }, (_, i) => i * step) });
}

/** y[n, i, j, c] = images[n, rows[n, i], columns[n, j], c], for int32 rows [N or 1, h, 1] and columns [N or 1, 1, w]. */
function pixels(where: string, images: Value, rows: Value, columns: Value): Value {
  const [n, height, width, channels] = images.shape as unknown as Sizes;
  expect(n * height * width <= mostPixels, 'SHAPE', () => ({
    where,
    what: 'the batch',
    expected: `at most ${mostPixels} pixels`,
    actual: showType(images),
  }));
  const places = add(add(steps(n, 0, height * width), mul(rows, width)), columns);
  return gather(reshape(images, [n * height * width, channels]), places);
}

/** `horizontal` exchanges left and right, `vertical` top and bottom. */
export type FlipDirection = 'horizontal' | 'vertical';

/** All directions. */
export const flipDirections: readonly FlipDirection[] = ['horizontal', 'vertical'];

/**
 * Mirrors those images for which `flipped` (bool [N]) is true.
 *
 * @param options.direction `horizontal` (default) or `vertical`
 * @throws ConvoltError `SHAPE` when there is not one answer per image, or for batches above 2^24 pixels
 */
export function flip(images: Value, flipped: Value, options: { direction?: FlipDirection } = {}): Value {
  expectOptions('flip', options, ['direction']);
  const { direction = 'horizontal' } = options;
  expectChoice('flip', 'the direction', direction, flipDirections);
  const [n, height, width] = sizesOf('flip', images);
  expectDType('flip', 'flipped', flipped, 'bool');
  expectPerImage('flip', 'flipped', flipped, [n]);
  const along = (count: number, axis: 1 | 2): Value => {
    const places = steps(count, axis);
    if ((direction === 'vertical') !== (axis === 1)) return places;
    return where(reshape(flipped, [n, 1, 1]), sub(count - 1, places), places);
  };
  return pixels('flip', images, along(height, 1), along(width, 2));
}

/**
 * Cuts a window of `size` out of each image.
 *
 * @param corners int32 [N, 2]: the row and the column of each window's upper left pixel, inside of the image
 * @param size of all windows, [height, width]
 * @throws ConvoltError `SHAPE` when there is not one corner per image, a window is larger than the images, or for
 *   batches above 2^24 pixels; `VALUE` when the program runs and a window reaches beyond the batch
 */
export function crop(images: Value, corners: Value, size: number | Pair): Value {
  const [n, height, width] = sizesOf('crop', images);
  const window = resolvePair('crop', 'the size', size, 1);
  expect(window[0] <= height && window[1] <= width, 'SHAPE', () => ({
    where: 'crop',
    what: 'the size',
    expected: `at most that of the images, ${showShape([height, width])}`,
    actual: showShape(window),
  }));
  expectDType('crop', 'the corners', corners, 'int32');
  expectPerImage('crop', 'the corners', corners, [n, 2]);
  const axis = (which: 0 | 1): Value => reshape(gather(corners, constant(which, 'int32'), { axis: 1 }), [n, 1, 1]);
  return pixels('crop', images, add(axis(0), steps(window[0], 1)), add(axis(1), steps(window[1], 2)));
}

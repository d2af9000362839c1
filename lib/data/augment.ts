/** Random changes of training images: as values, so that they are drawn and made within the native step. */
import { expectChoice, expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { cast, floor, mul } from '../ops/elementwise';
import { pad } from '../ops/pad';
import { bernoulli, randomUniform, splitKey } from '../ops/random';
import { constant } from '../ops/source';
import { type Pair, resolvePair } from '../ops/window';
import { crop, type FlipDirection, flip, flipDirections, sizesOf } from './flip-crop';

/**
 * Changes a batch of images [N, H, W, C] of any element type by what it draws from `key`. `fit` takes one as its option
 * `augment`; within a layer, write `scope.training ? augment(x, scope.key()) : x`.
 */
export type Augmentation = (images: Value, key: Value) => Value;

/**
 * Mirrors each image with a probability.
 *
 * @param options.probability default 0.5
 * @param options.direction default `horizontal`
 */
export function randomFlip(options: { probability?: number; direction?: FlipDirection } = {}): Augmentation {
  expectOptions('randomFlip', options, ['probability', 'direction']);
  const { probability = 0.5, direction = 'horizontal' } = options;
  expectNumber('randomFlip', 'the probability', probability, { least: 0, most: 1 });
  expectChoice('randomFlip', 'the direction', direction, flipDirections);
  return (images, key) => flip(images, bernoulli(key, [sizesOf('randomFlip', images)[0]], probability), { direction });
}

/**
 * Cuts a window out of each image, at a place that is uniform among all.
 *
 * @param options.size of the window, a number or [height, width]; default: that of the images
 * @param options.padding pixels of zeros around the image before it is cut; default 0
 * @throws ConvoltError `SHAPE` while tracing when the window is larger than the padded images
 * @example randomCrop({ padding: 4 }) // shifts by up to 4 pixels, as usual for CIFAR-10
 */
export function randomCrop(options: { size?: number | Pair; padding?: number } = {}): Augmentation {
  expectOptions('randomCrop', options, ['size', 'padding']);
  const { size, padding = 0 } = options;
  if (size !== undefined) resolvePair('randomCrop', 'the size', size, 1);
  expectWhole('randomCrop', 'the padding', padding, 0);
  return (images, key) => {
    const [n, height, width] = sizesOf('randomCrop', images);
    const border = [0, padding, padding, 0];
    const padded = pad(images, { before: border, after: border });
    const window = resolvePair('randomCrop', 'the size', size ?? [height, width], 1);
    const places = [height + 2 * padding - window[0] + 1, width + 2 * padding - window[1] + 1];
    const corners = floor(mul(randomUniform(key, [n, 2]), constant(places)));
    return crop(padded, cast(corners, 'int32'), window);
  };
}

/** One augmentation after the other, each with random numbers of its own. */
export const compose =
  (...augmentations: readonly Augmentation[]): Augmentation =>
  (images, key) =>
    augmentations.reduce((changed, augmentation, i) => augmentation(changed, splitKey(key, i)), images);

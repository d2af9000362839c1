/** Mean and deviation of the channels of images, for a first layer that takes them out. */
import { complaint } from '../graph/errors';
import { showType, type Tensor } from '../graph/tensor';

/** One number per channel. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  /** Standard deviation (of the whole population). */
  readonly deviation: readonly number[];
}

/**
 * Mean and standard deviation of each channel over all pixels of all images, in the units of the pixels.
 *
 * @param images [N, ..., C] of any element type
 * @throws ConvoltError `SHAPE` for tensors without axes, or without elements
 */
export function channelStatistics(images: Tensor): ChannelStatistics {
  const { shape, data } = images;
  const channels = shape.at(-1) ?? 0;
  if (shape.length < 2 || data.length === 0) {
    const actual = showType(images);
    throw complaint('SHAPE', { where: 'channelStatistics', what: 'the images', expected: '[N, ..., C]', actual });
  }
  const count = data.length / channels;
  const mean = sums(data, channels, () => 0, 1).map((sum) => sum / count);
  const squares = sums(data, channels, (c) => mean[c] as number, 2);
  return { mean, deviation: squares.map((sum) => Math.sqrt(sum / count)) };
}

/** The sums of (x - centre)^power by channel. */
function sums(data: ArrayLike<number>, channels: number, centre: (channel: number) => number, power: 1 | 2): number[] {
  return Array.from({ length: channels }, (_, c) => {
    const middle = centre(c);
    let sum = 0;
    for (let i = c; i < data.length; i += channels) {
      const distance = (data[i] as number) - middle;
      sum += power === 1 ? distance : distance * distance;
    }
    return sum;
  });
}

/**
 * The options of the layer `rescale` that give every channel of `images` mean 0 and deviation 1. Take the statistics of
 * the training images, for validation and tests as well. A channel that never varies is only centred.
 *
 * @param images [N, ..., C] of any element type
 * @example sequential(rescale(standardization(train.input)), resnet20())
 */
export function standardization(images: Tensor): { scale: number[]; offset: number[] } {
  const { mean, deviation } = channelStatistics(images);
  const scale = deviation.map((spread) => 1 / (spread || 1));
  return { scale, offset: mean.map((middle, c) => -middle * (scale[c] as number)) };
}

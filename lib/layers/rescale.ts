/** Raw pixels to numbers that networks like. */

import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { showType, tensor } from '../graph/tensor';
import { add, cast, mul } from '../ops/elementwise';
import { constant } from '../ops/source';
import { type Layer, layer } from './layer';

/** One number for all channels, or one per channel. */
type PerChannel = number | readonly number[];

/**
 * x * scale + offset as float32, from any element type; `scale` and `offset` are numbers, or one per channel (the last
 * axis).
 *
 * @param options.scale default 1 / 255: uint8 images to [0, 1]
 * @param options.offset default 0
 * @throws ConvoltError `SHAPE` while tracing when there are other channels than numbers
 * @example sequential(rescale(), conv2d(16, 3)) // takes uint8 images
 */
export function rescale(options: { scale?: PerChannel; offset?: PerChannel } = {}): Layer {
  expectOptions('rescale', options, ['scale', 'offset']);
  const { scale = 1 / 255, offset = 0 } = options;
  for (const [name, numbers] of Object.entries({ scale, offset })) {
    for (const number of [numbers].flat()) expectNumber('rescale', name, number);
  }
  return layer('rescale', (x) => {
    const factor = (name: string, numbers: PerChannel) => {
      if (typeof numbers === 'number') return numbers;
      expect(numbers.length === x.shape.at(-1), 'SHAPE', () => ({
        where: 'rescale',
        what: 'the channels',
        expected: `${numbers.length}, as many as numbers of '${name}'`,
        actual: showType(x),
      }));
      return constant(tensor(numbers));
    };
    return add(mul(cast(x, 'float32'), factor('scale', scale)), factor('offset', offset));
  });
}

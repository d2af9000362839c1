/** Raw pixels to numbers that networks like. */

import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { add, cast, mul } from '../ops/elementwise';
import { type Layer, layer } from './layer';

/**
 * x * scale + offset as float32, from any element type.
 *
 * @param options.scale default 1 / 255: uint8 images to [0, 1]
 * @param options.offset default 0
 */
export function rescale(options: { scale?: number; offset?: number } = {}): Layer {
  expectOptions('rescale', options, ['scale', 'offset']);
  const { scale = 1 / 255, offset = 0 } = options;
  expectNumber('rescale', 'scale', scale);
  expectNumber('rescale', 'offset', offset);
  return layer('rescale', (x) => add(mul(cast(x, 'float32'), scale), offset));
}

/** Layers that only move numbers: other shapes, borders, names. */
import { expectRank } from '../graph/define-op';
import { named } from '../graph/value';
import { type PadMode, pad } from '../ops/pad';
import { flatten as flattenValue, reshape as reshapeValue } from '../ops/shape';
import { type Border, type Pair, resolveSliding } from '../ops/window';
import { type Layer, layer } from './layer';

/**
 * [N, ...] to [N, everything else].
 *
 * @example sequential(conv2d(8, 3), flatten(), dense(10))
 */
export const flatten = (): Layer => layer('flatten', (x) => flattenValue(x));

/**
 * [N, ...] to [N, ...shape].
 *
 * @param shape that of one example; one size may be -1 and is then what remains
 * @throws ConvoltError `SHAPE` while tracing when the number of elements differs
 * @example reshape(8, 8, 1) // [N, 64] to [N, 8, 8, 1]
 */
export const reshape = (...shape: readonly number[]): Layer =>
  layer('reshape', (x) => reshapeValue(x, [x.shape[0] as number, ...shape]));

/** Makes a layer of a padding: a number for every side, [height, width], or [top, bottom, left, right]. */
function border(name: string, mode: PadMode) {
  return (padding: number | Pair | Border): Layer => {
    const [top, bottom, left, right] = resolveSliding(name, [], [1, 1], { padding }).padding;
    return layer(name, (x) => {
      expectRank(name, 'the input', x, 4, '[N, H, W, C]');
      return pad(x, { before: [0, top, left, 0], after: [0, bottom, right, 0], mode });
    });
  };
}

/**
 * Images [N, H, W, C] with zeros around them.
 *
 * @example zeroPad(1)
 */
export const zeroPad = border('zeroPad', 'constant');
/**
 * Images with their own pixels mirrored around them, the edge not repeated.
 *
 * @example reflectPad([1, 2])
 */
export const reflectPad = border('reflectPad', 'reflect');
/**
 * Images with their edge repeated around them.
 *
 * @example replicatePad([0, 1, 0, 1])
 */
export const replicatePad = border('replicatePad', 'replicate');

/**
 * Names the value that passes, so that a session can fetch it by a name of its own instead of its layer's path.
 *
 * @example sequential(features, tap('features'), dense(10))
 */
export const tap = (name: string): Layer => layer('tap', (x) => named(name, x));

/** Pooling of images: windows, whole planes, or a fixed number of bins. */
import { expectOptions } from '../graph/errors';
import {
  type AveragePoolOptions,
  adaptiveAveragePool as adaptiveAverageOf,
  averagePool as averageOf,
  globalAveragePool as globalAverageOf,
  globalMaxPool as globalMaxOf,
  maxPool as maxOf,
  type PoolOptions,
} from '../ops/pool';
import type { Pair } from '../ops/window';
import { type Layer, layer } from './layer';

const optionNames = ['stride', 'padding', 'ceil'];

/**
 * The largest number of each window: [N, H, W, C] to [N, H', W', C]. The gradient goes to the first of equals.
 *
 * @param window pixels of a side, or [height, width]; default 2
 * @param options `stride` (default the window), `padding` and `ceil` as for the op `maxPool`
 */
export function maxPool(window: number | Pair = 2, options: Omit<PoolOptions, 'window'> = {}): Layer {
  expectOptions('maxPool', options, optionNames);
  return layer('maxPool', (x) => maxOf(x, { ...options, window }));
}

/**
 * The mean of each window.
 *
 * @param window pixels of a side, or [height, width]; default 2
 * @param options `stride`, `padding` and `ceil` likewise
 * @param options.countIncludePad divide by the whole window where it sticks out; default true
 */
export function averagePool(window: number | Pair = 2, options: Omit<AveragePoolOptions, 'window'> = {}): Layer {
  expectOptions('averagePool', options, [...optionNames, 'countIncludePad']);
  return layer('averagePool', (x) => averageOf(x, { ...options, window }));
}

/** The mean of every channel: [N, H, W, C] to [N, C]. */
export const globalAveragePool = (): Layer => layer('globalAveragePool', (x) => globalAverageOf(x));

/** The largest number of every channel: [N, H, W, C] to [N, C]. */
export const globalMaxPool = (): Layer => layer('globalMaxPool', (x) => globalMaxOf(x));

/**
 * The means of bins that cover the image evenly: [N, H, W, C] to [N, height, width, C].
 *
 * @param size bins per side, or [height, width]
 */
export const adaptiveAveragePool = (size: number | Pair): Layer =>
  layer('adaptiveAveragePool', (x) => adaptiveAverageOf(x, size));

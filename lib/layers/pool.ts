/** Pooling of images: windows, whole planes, or a fixed number of bins. */
import { expectLpOptions, type LpPoolOptions, lpPool as lpPoolOf } from '../functions/lp-pool';
import { stochasticPool as stochasticPoolOf } from '../functions/stochastic-pool';
import type { WindowOptions } from '../functions/windows';
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
import { pooling } from './replace-pooling';

const optionNames = ['stride', 'padding', 'ceil'];

/**
 * The largest number of each window: [N, H, W, C] to [N, H', W', C]. The gradient goes to the first of equals.
 *
 * @param window pixels of a side, or [height, width]; default 2
 * @param options `stride` (default the window), `padding` and `ceil` as for the op `maxPool`
 * @example maxPool(3, { stride: 2 })
 */
export function maxPool(window: number | Pair = 2, options: Omit<PoolOptions, 'window'> = {}): Layer {
  expectOptions('maxPool', options, optionNames);
  return pooling('maxPool', { ...options, window }, (x) => maxOf(x, { ...options, window }));
}

/**
 * The mean of each window.
 *
 * @param window pixels of a side, or [height, width]; default 2
 * @param options `stride`, `padding` and `ceil` likewise
 * @param options.countIncludePad divide by the whole window where it sticks out; default true
 * @example averagePool(2)
 */
export function averagePool(window: number | Pair = 2, options: Omit<AveragePoolOptions, 'window'> = {}): Layer {
  expectOptions('averagePool', options, [...optionNames, 'countIncludePad']);
  return pooling('averagePool', { ...options, window }, (x) => averageOf(x, { ...options, window }));
}

/**
 * The mean of every channel: [N, H, W, C] to [N, C].
 *
 * @example sequential(conv2d(10, 1), globalAveragePool()) // a score per class
 */
export const globalAveragePool = (): Layer => layer('globalAveragePool', (x) => globalAverageOf(x));

/**
 * The largest number of every channel: [N, H, W, C] to [N, C].
 *
 * @example globalMaxPool()
 */
export const globalMaxPool = (): Layer => layer('globalMaxPool', (x) => globalMaxOf(x));

/**
 * The means of bins that cover the image evenly: [N, H, W, C] to [N, height, width, C].
 *
 * @param size bins per side, or [height, width]
 * @example adaptiveAveragePool(7)
 */
export const adaptiveAveragePool = (size: number | Pair): Layer =>
  layer('adaptiveAveragePool', (x) => adaptiveAverageOf(x, size));

/**
 * The p-norm of each window: (sum of |x|^p)^(1/p), from the sum at p = 1 to the maximum at p = Infinity (Sermanet et al.
 * 2012).
 *
 * @param window pixels of a side, or [height, width]; default 2
 * @param options `p` (default 2), `form` ('sum' or 'mean'), `stride` (default the window) and `padding`
 * @example lpPool(2, { p: 4 })
 */
export function lpPool(window: number | Pair = 2, options: Omit<LpPoolOptions, 'window'> = {}): Layer {
  expectOptions('lpPool', options, ['stride', 'padding', 'p', 'form']);
  expectLpOptions(options);
  return layer('lpPool', (x) => lpPoolOf(x, { ...options, window }));
}

/**
 * While training a pixel of each window, drawn in proportion to its activation; otherwise the mean weighted by the
 * activations: sum of a^2 / sum of a (Zeiler and Fergus 2013). It stands behind a ReLU: negative numbers count as 0.
 *
 * @param window pixels of a side, or [height, width]; default 2
 * @param options `stride` (default the window) and `padding`
 * @example sequential(conv2d(16, 3), relu(), stochasticPool(2))
 */
export function stochasticPool(window: number | Pair = 2, options: Omit<WindowOptions, 'window'> = {}): Layer {
  expectOptions('stochasticPool', options, ['stride', 'padding']);
  return layer('stochasticPool', (x, scope) =>
    stochasticPoolOf(x, scope.training ? scope.key() : undefined, { ...options, window }),
  );
}

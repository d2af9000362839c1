/** Pooling by a p-norm, between the sum and the maximum (Sermanet et al. 2012). */
import { expectDType, expectRank } from '../graph/define-op';
import { complaint, expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { abs, div, greater, mul, pow, sqrt, square, where } from '../ops/elementwise';
import { averagePool, maxPool } from '../ops/pool';
import { max, sum } from '../ops/reduce';
import { squeeze, stopGradient } from '../ops/shape';
import { expectChoice } from './option-values';
import { tapsOf, type WindowOptions, windowOptions, windowsOf } from './windows';

export interface LpPoolOptions extends WindowOptions {
  /** From 1, the sum of magnitudes, to Infinity, the largest of them. Default 2. */
  readonly p?: number;
  /** 'mean' divides the sum by the pixels of the window before the root is taken. Default 'sum'. */
  readonly form?: 'sum' | 'mean';
}

/** The names of all options. */
export const lpPoolOptions = [...windowOptions, 'p', 'form'] as const;

/** Checks `p` and `form`. */
export function expectLpOptions({ p = 2, form = 'sum' }: Pick<LpPoolOptions, 'p' | 'form'>): void {
  if (!(p >= 1)) {
    throw complaint('VALUE', { where: 'lpPool', what: 'p', expected: 'at least 1', actual: String(p) });
  }
  expectChoice('lpPool', 'form', form, ['sum', 'mean']);
}

/** x^p and its inverse; squares and roots are quicker than powers. */
const powers = (p: number): [(x: Value) => Value, (x: Value) => Value] =>
  p === 2 ? [square, sqrt] : [(x) => pow(x, p), (x) => pow(x, 1 / p)];

/**
 * y = (sum of |x|^p over a window)^(1/p): a convolution with ones in the p-norm (Sermanet et al. 2012). p = 1 gives the sum,
 * p = Infinity the maximum. Computed as m * (sum of (|x| / m)^p)^(1/p) with m the largest magnitude of the window, so that
 * no power is too large; the gradient is sign(x) * |x|^(p - 1) * y^(1 - p), and 0 where y = 0. Padding counts as 0.
 *
 * @param x float32 images [N, H, W, C]
 * @returns [N, OH, OW, C]
 * @throws ConvoltError `VALUE` for p below 1; `SHAPE` when the window is larger than the padded image
 * @example lpPool(x, { window: 2, p: 4 })
 */
export function lpPool(x: Value, options: LpPoolOptions): Value {
  expectOptions('lpPool', options, lpPoolOptions);
  expectLpOptions(options);
  expectDType('lpPool', 'the input', x, 'float32');
  expectRank('lpPool', 'the input', x, 4, '[N, H, W, C]');
  const { p = 2, form = 'sum', ...windows } = options;
  const count = form === 'mean' ? tapsOf('lpPool', windows) : 1;
  if (p === Infinity) return maxPool(abs(x), windows);
  if (p === 1) return mul(averagePool(abs(x), windows), tapsOf('lpPool', windows) / count);
  const [raise, root] = powers(p);
  const magnitudes = abs(windowsOf('lpPool', x, windows));
  const largest = stopGradient(max(magnitudes, { axes: 3, keepDims: true }));
  const isFilled = greater(largest, 0);
  const total = sum(raise(div(magnitudes, where(isFilled, largest, 1))), { axes: 3, keepDims: true });
  const norm = root(div(where(isFilled, total, 1), count));
  return squeeze(where(isFilled, mul(largest, norm), 0), 3);
}

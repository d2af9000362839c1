/** Pooling by a random pixel of each window (Zeiler and Fergus 2013). */
import { expectDType, expectRank } from '../graph/define-op';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { add, div, equal, greater, log, logicalAnd, maximum, neg, square, where } from '../ops/elementwise';
import { averagePool } from '../ops/pool';
import { randomUniform } from '../ops/random';
import { max } from '../ops/reduce';
import { type WindowOptions, windowOptions, windowsOf } from './windows';

/** One of each window, with probability a_i / sum of a: the largest of log a_i - log(-log u_i) (Gumbel 1954). */
function drawn(a: Value, key: Value, options: WindowOptions): Value {
  const windows = windowsOf('stochasticPool', a, options);
  const isPositive = greater(windows, 0);
  const scores = where(
    isPositive,
    add(log(where(isPositive, windows, 1)), neg(log(neg(log(randomUniform(key, windows.shape)))))),
    -1e30,
  );
  const isPicked = logicalAnd(isPositive, equal(scores, max(scores, { axes: 3, keepDims: true })));
  return max(where(isPicked, windows, 0), { axes: 3 });
}

/**
 * With a key, a_i with i drawn by p_i = a_i / sum of a over each window, and the gradient goes to it alone; without, what
 * is expected: sum of p_i * a_i = sum of a^2 / sum of a (Zeiler and Fergus 2013). Negative numbers count as 0, and a
 * window of zeros gives 0 without a gradient.
 *
 * @param x float32 images [N, H, W, C], of activations of 0 or more
 * @param key a random key, e.g. `scope.key()`; undefined for the expectation
 * @returns [N, OH, OW, C]
 * @throws ConvoltError `SHAPE` when the window is larger than the padded image
 * @example stochasticPool(relu(x), scope.training ? scope.key() : undefined, { window: 2 })
 */
export function stochasticPool(x: Value, key: Value | undefined, options: WindowOptions): Value {
  expectOptions('stochasticPool', options, windowOptions);
  expectDType('stochasticPool', 'the input', x, 'float32');
  expectRank('stochasticPool', 'the input', x, 4, '[N, H, W, C]');
  const a = maximum(x, 0);
  if (key) return drawn(a, key, options);
  const [squares, plain] = [averagePool(square(a), options), averagePool(a, options)];
  const isPositive = greater(plain, 0);
  return where(isPositive, div(squares, where(isPositive, plain, 1)), 0);
}

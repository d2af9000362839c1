/** Weight decay: a pull of every parameter towards 0. */

import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { add, mul } from '../ops/elementwise';
import { matches, type PathMatch } from './path-match';
import { mapUpdates, type Transform } from './transform';

/**
 * u <- u + lambda * w. As the first stage it is the gradient of an l2 penalty; between `scaleByAdam` and
 * `scaleByRate` it is decoupled (Loshchilov and Hutter 2019).
 *
 * @param options.match which parameters decay; default all. /weight$/ leaves out biases and batchNorm's gamma, beta
 */
export function weightDecay(lambda: number, options: { match?: PathMatch } = {}): Transform {
  expectNumber('weightDecay', 'lambda', lambda, { least: 0 });
  expectOptions('weightDecay', options, ['match']);
  const { match = () => true } = options;
  return (updates, parameters) =>
    mapUpdates(updates, (update, path) =>
      lambda > 0 && matches(match, path) ? add(update, mul(parameters.get(path) as Value, lambda)) : update,
    );
}

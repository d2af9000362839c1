/** Dropout as a layer. */

import { type DropoutOptions, dropout as drop, resolveDropout } from '../functions/dropout';
import { expectOptions } from '../graph/errors';
import { mul } from '../ops/elementwise';
import { type Layer, layer } from './layer';

/**
 * Zeroes each element with probability p while training and divides the rest by 1 - p; otherwise it does nothing. Not
 * inverted, it leaves the rest as it is and multiplies with 1 - p when not training (Srivastava et al. 2014).
 *
 * @param p probability of dropping, from 0 to 1; default 0.5
 * @param options.spatial drop whole channels; default false
 * @param options.inverted default true
 * @example sequential(dense(128), relu(), dropout(0.5), dense(10))
 */
export function dropout(p = 0.5, options: Omit<DropoutOptions, 'p'> = {}): Layer {
  expectOptions('dropout', options, ['spatial', 'inverted']);
  const resolved = resolveDropout('dropout', { ...options, p });
  return layer('dropout', (x, scope) => {
    if (scope.drops) return p === 0 ? x : drop(x, scope.key(), resolved);
    return resolved.inverted ? x : mul(x, 1 - p);
  });
}

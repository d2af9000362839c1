/** The max-norm constraint: no unit's weights grow beyond a length (Srebro and Shraibman 2005; Srivastava et al. 2014). */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { div, maximum, mul, sqrt, square } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import type { PathMatch } from '../optimizers/path-match';
import type { Transform } from '../optimizers/transform';
import { proximal } from './proximal';

export interface MaxNormOptions {
  /** The longest that a unit's incoming weights may be, above 0; of the order of 3 or 4. */
  readonly c: number;
  /** Which parameters. Default /weight$/. */
  readonly match?: PathMatch;
}

/**
 * After each update w <- w * min(1, c / |w|) for the incoming weights of every unit: all axes but the last, a column of a
 * fully connected layer, a filter of a convolution (Srivastava et al. 2014). Weights stay finite at any rate of learning.
 * It is the last stage of an optimizer.
 *
 * @throws ConvoltError `VALUE` unless c is above 0
 * @example optimizers.chain(optimizers.sgd({ rate: 0.1 }), maxNorm({ c: 3 }))
 */
export function maxNorm(options: MaxNormOptions): Transform {
  expectOptions('maxNorm', options, ['c', 'match']);
  const { c, match = /weight$/ } = options;
  expectNumber('maxNorm', 'c', c, { above: 0 });
  return proximal(match, (w) => {
    const axes = w.shape.slice(0, -1).map((_, axis) => axis);
    const norm = sqrt(sum(square(w), { axes, keepDims: true }));
    return mul(w, div(c, maximum(norm, c)));
  });
}

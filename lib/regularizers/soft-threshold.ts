/** The l1 penalty by its proximal step, which gives zeros that are exact (Daubechies et al. 2004). */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { abs, maximum, mul, sign, sub } from '../ops/elementwise';
import type { PathMatch } from '../optimizers/path-match';
import { stepCount, type Transform } from '../optimizers/transform';
import { expectRate, type Rate } from '../schedules/schedule';
import { proximal } from './proximal';

export interface SoftThresholdOptions {
  /** Weight of the l1 penalty, 0 or more. */
  readonly lambda: number;
  /** The learning rate of the optimizer, which the threshold follows; with momentum mu, rate / (1 - mu). */
  readonly rate: Rate;
  /** Which parameters. Default /weight$/. */
  readonly match?: PathMatch;
}

/**
 * After each update w <- sign(w) * max(|w| - rate * lambda, 0), the proximal step of lambda * |w|: weights that matter
 * little become 0 exactly (Daubechies et al. 2004). It is the last stage of an optimizer, in place of the penalty `l1`.
 *
 * @example optimizers.chain(optimizers.sgd({ rate: 0.1 }), softThreshold({ lambda: 1e-3, rate: 0.1 }))
 */
export function softThreshold(options: SoftThresholdOptions): Transform {
  expectOptions('softThreshold', options, ['lambda', 'rate', 'match']);
  const { lambda, rate, match = /weight$/ } = options;
  expectNumber('softThreshold', 'lambda', lambda, { least: 0 });
  expectRate('softThreshold', rate);
  return (updates, parameters, scope) =>
    scope.child('softThreshold', (inner) => {
      const threshold = typeof rate === 'number' ? rate * lambda : mul(rate(stepCount(inner), inner), lambda);
      const shrink = proximal(match, (w) => mul(sign(w), maximum(sub(abs(w), threshold), 0)));
      return shrink(updates, parameters, inner);
    });
}

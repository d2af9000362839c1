/** The l1 penalty, which makes weights sparse (Tibshirani 1996). */
import { abs, mul } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { type PenaltyOptions, penaltyOf, type Regularizer } from './regularizer';

/**
 * lambda * sum of |w|, whose gradient is lambda * sign(w): small weights are pulled to 0 as strongly as large ones, so that
 * features are selected (Tibshirani 1996). Gradient steps jump over 0; for zeros that are exact take `softThreshold`.
 *
 * @param options.lambda 0 or more
 * @param options.match which parameters; default all
 * @example new Session(model, { loss, optimizer, regularizer: l1({ lambda: 1e-4 }) })
 */
export const l1 = (options: PenaltyOptions): Regularizer =>
  penaltyOf('l1', options, (w) => mul(sum(abs(w)), options.lambda));

/** The l2 penalty: weight decay, ridge regression (Hoerl and Kennard 1970). */
import { mul, square } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { type PenaltyOptions, penaltyOf, type Regularizer } from './regularizer';

/**
 * lambda / 2 * sum of w^2, whose gradient is lambda * w: every weight is pulled towards 0 in proportion to itself (Hoerl and
 * Kennard 1970). It adds to the gradient before momentum and adaptive scaling, as `weightDecay` does as the first stage.
 *
 * @param options.lambda 0 or more; 1e-4 is usual
 * @param options.match which parameters; default all
 * @example new Session(model, { loss, optimizer, regularizer: l2({ lambda: 1e-4, match: /weight$/ }) })
 */
export const l2 = (options: PenaltyOptions): Regularizer =>
  penaltyOf('l2', options, (w) => mul(sum(square(w)), options.lambda / 2));

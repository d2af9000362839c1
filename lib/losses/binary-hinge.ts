/** The hinge loss of yes-or-no questions: the loss of support vector machines. */
import { maximum, mul, square, sub } from '../ops/elementwise';
import { elementLoss } from './element-loss';
import type { ReductionOptions } from './reduce-loss';

export interface BinaryHingeOptions extends ReductionOptions {
  /** The square of each hinge, which is smooth at the margin. Default false. */
  readonly squared?: boolean;
}

/**
 * max(0, 1 - y f) of scores f and targets y = -1 or 1, the mean over the outputs of an example (Cortes and Vapnik 1995).
 *
 * The gradient is -y within the margin and 0 beyond it: examples that are right by more than 1 do not count.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and target differ
 * @example losses.binaryHinge({ squared: true })(scores, signs)
 */
export const binaryHinge = elementLoss<BinaryHingeOptions>(
  'binaryHinge',
  (f, y, { squared = false }) => {
    const hinge = maximum(sub(1, mul(y, f)), 0);
    return squared ? square(hinge) : hinge;
  },
  ['squared'],
);

/** Smooth l1, the Huber loss: quadratic near 0, linear further out. */
import { expectNumber } from '../functions/option-values';
import { abs, less, mul, square, sub, where } from '../ops/elementwise';
import { elementLoss } from './element-loss';
import type { ReductionOptions } from './reduce-loss';

export interface SmoothL1Options extends ReductionOptions {
  /** Where the parabola ends, above 0. Default 1; region proposal networks use 1/9. */
  readonly beta?: number;
}

/**
 * x^2 / (2 beta) where |x| < beta, else |x| - beta / 2, with x = prediction - target; the mean over the outputs of an
 * example (Girshick 2015).
 *
 * The gradient is x / beta near 0 and the sign of x further out, so that one outlier pulls no harder than others. Huber's
 * own form (Huber 1964) is `{ beta, scale: beta }`.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and target differ; `VALUE` for a beta that is not above 0
 * @example new Session(model, { loss: losses.smoothL1({ beta: 1 / 9 }), optimizer: optimizers.adam() })
 */
export const smoothL1 = elementLoss<SmoothL1Options>(
  'smoothL1',
  (prediction, target, { beta = 1 }) => {
    const residual = sub(prediction, target);
    const size = abs(residual);
    return where(less(size, beta), mul(square(residual), 0.5 / beta), sub(size, beta / 2));
  },
  ['beta'],
  ({ beta = 1 }) => expectNumber('smoothL1', 'beta', beta, { above: 0 }),
);

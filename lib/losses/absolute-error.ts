/** Absolute error, the l1 loss. */
import { abs, sub } from '../ops/elementwise';
import { elementLoss } from './element-loss';

/**
 * |prediction - target|, the mean over the outputs of an example; the gradient where they are equal is 0.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and target differ
 */
export const absoluteError = elementLoss('absoluteError', (prediction, target) => abs(sub(prediction, target)));

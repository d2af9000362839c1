/** Squared error, the l2 loss. */
import { square, sub } from '../ops/elementwise';
import { elementLoss } from './element-loss';

/**
 * (prediction - target)^2, the mean over the outputs of an example. `{ scale: 0.5, reduction: 'sum' }` gives half the
 * sum over the batch.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and target differ
 */
export const squaredError = elementLoss('squaredError', (prediction, target) => square(sub(prediction, target)));

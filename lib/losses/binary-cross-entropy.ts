/** Binary cross-entropy: the loss of independent yes-or-no questions. */

import { softplus } from '../functions/activations';
import { mul, sub } from '../ops/elementwise';
import { elementLoss } from './element-loss';

/**
 * -(y log s + (1 - y) log(1 - s)) with s = sigmoid(z), written as log(1 + e^z) - z * y, which is finite for every
 * logit z.
 *
 * The prediction holds logits z, not probabilities; the target y holds float32 probabilities of 0 to 1 in the same
 * shape. The gradient with respect to the logits is sigmoid(z) - y.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and target differ
 */
export const binaryCrossEntropy = elementLoss('binaryCrossEntropy', (z, y) => sub(softplus(z), mul(z, y)));

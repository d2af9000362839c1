/** Losses in which examples count differently. */
import { complaint, expect } from '../graph/errors';
import type { Scope } from '../graph/scope';
import { sameShape, showType } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import { mul } from '../ops/elementwise';
import type { AnyLoss } from './composite';
import { reduceLoss } from './reduce-loss';

/** A target with a weight of 0 or more for each example, float32 [N]. */
export interface WeightedTarget<T = Value> {
  readonly target: T;
  readonly weights: Value;
}

/**
 * sum of w_i L_i / sum of w_i: any loss that gives one number per example, as a weighted mean.
 *
 * The target becomes `{ target, weights }` with float32 weights [N]. What is returned is w_i L_i divided by the mean weight,
 * so that the trainer's mean is the weighted one; a batch whose weights are all 0 has the loss 0.
 *
 * @throws ConvoltError `SHAPE` when the loss or the weights are not one number per example
 * @example session.step(images, { target: labels, weights }) // loss: losses.weighted(losses.crossEntropy())
 */
export function weighted(loss: AnyLoss): (prediction: unknown, target: WeightedTarget<unknown>, scope: Scope) => Value {
  return (prediction, target, scope) => {
    const { weights } = target ?? {};
    if (!isValue(weights)) {
      throw complaint('OPTION', {
        where: 'weighted',
        what: 'the target',
        expected: 'an object with target and weights',
        actual: isValue(target) ? showType(target) : typeof target,
      });
    }
    const losses = loss(prediction, target.target, scope);
    expect(losses.shape.length === 1 && sameShape(losses.shape, weights.shape), 'SHAPE', () => ({
      where: 'weighted',
      what: 'loss and weights',
      expected: 'one number per example each',
      actual: `${showType(losses)} and ${showType(weights)}`,
    }));
    return reduceLoss(mul(losses, weights), {}, weights);
  };
}

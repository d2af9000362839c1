/** The angular loss of metric learning: in each triangle of two likes and one other, the other's angle shall be small. */
import { softplus } from '../functions/activations';
import { expectChoice, expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { add, equal, maximum, mul, square, sub, where } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import { oneHot } from '../ops/one-hot';
import { logSumExp, sum } from '../ops/reduce';
import { constant } from '../ops/source';
import { expectParts, type Loss } from './loss';
import { expectReduction, type ReductionOptions, reduceLoss, reductionOptions } from './reduce-loss';

/** Features of examples and of others of the same class, [N, F] each; in triplets also of a third, of another class. */
export interface Triplets {
  readonly anchor: Value;
  readonly positive: Value;
  readonly negative?: Value;
}

export interface AngularLossOptions extends ReductionOptions {
  /** Alpha in degrees, above 0 and below 90. Default 45. */
  readonly angle?: number;
  /** Default 'triplets'; 'pairs' takes the positives of all other rows, which must be of other classes, as negatives. */
  readonly form?: 'triplets' | 'pairs';
}

const squaredLength = (x: Value): Value => sum(square(x), { axes: -1 });

/** max(0, |a - p|^2 - 4 tan^2 alpha |n - (a + p) / 2|^2). */
function ofTriplets(prediction: Triplets, tangent2: number): Value {
  const { anchor, positive, negative } = expectParts('angularLoss', prediction, ['anchor', 'positive', 'negative']);
  const centre = mul(add(anchor, positive), 0.5);
  const other = mul(squaredLength(sub(negative, centre)), 4 * tangent2);
  return maximum(sub(squaredLength(sub(anchor, positive)), other), 0);
}

/** log(1 + sum over j != i of exp(4 tan^2 alpha (a_i + p_i) . p_j - 2 (1 + tan^2 alpha) a_i . p_i)). */
function ofPairs(prediction: Triplets, tangent2: number): Value {
  const { anchor, positive } = expectParts('angularLoss', prediction, ['anchor', 'positive']);
  const rows = anchor.shape[0] as number;
  const toOthers = mul(matmul(add(anchor, positive), positive, { transposeB: true }), 4 * tangent2);
  const own = mul(sum(mul(anchor, positive), { axes: -1, keepDims: true }), 2 * (1 + tangent2));
  const isOwn = equal(oneHot(constant(Int32Array.from({ length: rows }, (_, i) => i)), rows), 1);
  return softplus(logSumExp(where(isOwn, -1e30, sub(toOthers, own)), { axes: -1 }));
}

/**
 * max(0, |a - p|^2 - 4 tan^2(alpha) |n - (a + p) / 2|^2) of triplets, which is 0 once n sees a and p under an angle of at
 * most alpha; or smoothly, against the positives of all other rows at once,
 * log(1 + sum over j != i of e^(4 tan^2(alpha) (a_i + p_i) . p_j - 2 (1 + tan^2(alpha)) a_i . p_i)) (Wang et al. 2017).
 *
 * The prediction is `{ anchor, positive, negative }`, features [N, F] each (`negative` in triplets only); the target is not
 * read. Unlike a margin of distances, an angle does not depend on the scale of the features.
 *
 * @throws ConvoltError `SHAPE` when the prediction lacks a part; `VALUE` for an angle that is not between 0 and 90
 * @example losses.angularLoss({ form: 'pairs', angle: 45 })
 */
export function angularLoss(options: AngularLossOptions = {}): Loss<Triplets, unknown> {
  expectOptions('angularLoss', options, ['angle', 'form', ...reductionOptions]);
  expectReduction('angularLoss', options);
  const { angle = 45, form = 'triplets' } = options;
  expectNumber('angularLoss', 'the angle', angle, { above: 0, below: 90 });
  expectChoice('angularLoss', 'form', form, ['triplets', 'pairs']);
  const tangent2 = Math.tan((angle * Math.PI) / 180) ** 2;
  const ofRows = form === 'pairs' ? ofPairs : ofTriplets;
  return (prediction) => reduceLoss(ofRows(prediction, tangent2), options);
}

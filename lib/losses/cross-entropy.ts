/** Softmax cross-entropy: the loss of choosing one of K classes. */

import { expectNumber } from '../functions/option-values';
import { complaint, expect, expectOptions } from '../graph/errors';
import { showType } from '../graph/tensor';
import { named, type Value } from '../graph/value';
import { takeAlongAxis } from '../ops/along-axis';
import { add, equal, mul, neg, where } from '../ops/elementwise';
import { gather } from '../ops/gather';
import { sum } from '../ops/reduce';
import { expandDims, squeeze } from '../ops/shape';
import { logSoftmax } from '../ops/softmax';
import { constant } from '../ops/source';
import { expectEqualShapes, expectLabels, type Loss } from './loss';
import { expectReduction, type ReductionOptions, reduceLoss, reductionOptions } from './reduce-loss';

export interface CrossEntropyOptions extends ReductionOptions {
  /** One weight of 0 or more per class; the mean over a batch is then the weighted one. */
  readonly weights?: readonly number[];
  /** Class indices equal to this whole number do not count. */
  readonly ignoreIndex?: number;
  /** e from 0 to 1: the target becomes (1 - e) * target + e / K (Szegedy et al. 2016). Default 0. */
  readonly labelSmoothing?: number;
}

const name = 'crossEntropy';
const optionNames = ['weights', 'ignoreIndex', 'labelSmoothing', ...reductionOptions];

/** Losses, which carry the weights `counted`, if any. */
type Weighted = { losses: Value; counted?: Value };

/** The log probabilities of `logits`, each class multiplied with its weight. */
function weightedScores(logits: Value, weights: Value | undefined): Value {
  const scores = logSoftmax(logits);
  return weights ? mul(scores, weights) : scores;
}

/** -(1 - e) * w_y log p_y - e / K * sum_k w_k log p_k, of int32 labels y. */
function ofLabels(logits: Value, labels: Value, weights: Value | undefined, options: CrossEntropyOptions): Weighted {
  expectLabels(name, logits, labels);
  const { ignoreIndex, labelSmoothing: e = 0 } = options;
  const ignored = ignoreIndex === undefined ? undefined : equal(labels, ignoreIndex);
  const known = ignored ? where(ignored, 0, labels) : labels;
  const scores = weightedScores(logits, weights);
  const own = neg(squeeze(named('labels', takeAlongAxis(scores, expandDims(known, -1))), -1));
  const all = () => mul(neg(sum(scores, { axes: -1 })), e / (logits.shape.at(-1) as number));
  const losses = e ? add(mul(own, 1 - e), all()) : own;
  const counted = weights && gather(weights, known);
  if (!ignored) return { losses, counted };
  return { losses: where(ignored, 0, losses), counted: where(ignored, 0, counted ?? 1) };
}

/** -sum_k ((1 - e) * t_k + e / K) * w_k log p_k, of float32 probabilities t. */
function ofProbabilities(
  logits: Value,
  target: Value,
  weights: Value | undefined,
  { ignoreIndex, labelSmoothing: e = 0 }: CrossEntropyOptions,
): Weighted {
  if (ignoreIndex !== undefined) {
    throw complaint('OPTION', {
      where: name,
      what: 'ignoreIndex',
      expected: 'used with class indices',
      actual: showType(target),
    });
  }
  expectEqualShapes(name, logits, target);
  const smooth = e ? add(mul(target, 1 - e), e / (logits.shape.at(-1) as number)) : target;
  return { losses: neg(sum(mul(smooth, weightedScores(logits, weights)), { axes: -1 })) };
}

/**
 * -log(e^z_y / sum_k e^z_k), from logits z.
 *
 * The prediction holds logits [N, K] (or [..., K]), not probabilities; the target either int32 class indices [N] (or
 * [...]) or float32 probabilities, one-hot or soft, of the prediction's shape. The gradient with respect to the
 * logits is softmax(z) - target. Weights and smoothing combine as in PyTorch, except that a batch in which nothing
 * counts has the loss 0.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and target do not fit; `VALUE` when the program runs and a
 *   label lies outside of 0 to K - 1
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  expectOptions(name, options, optionNames);
  expectReduction(name, options);
  const { weights, ignoreIndex = 0, labelSmoothing = 0 } = options;
  expectNumber(name, 'labelSmoothing', labelSmoothing, { least: 0, most: 1 });
  expect(Number.isInteger(ignoreIndex), 'VALUE', () => ({
    where: name,
    what: 'ignoreIndex',
    expected: 'a whole number',
    actual: `${ignoreIndex}`,
  }));
  for (const weight of weights ?? []) expectNumber(name, 'every weight', weight, { least: 0 });
  return (prediction, target) => {
    expect(!weights || weights.length === prediction.shape.at(-1), 'SHAPE', () => ({
      where: name,
      what: 'the number of weights',
      expected: 'that of the classes',
      actual: `${weights?.length}`,
      details: { prediction: showType(prediction) },
    }));
    const ofTarget = target.dtype === 'float32' ? ofProbabilities : ofLabels;
    const { losses, counted } = ofTarget(prediction, target, weights && constant([...weights]), options);
    return reduceLoss(losses, options, counted);
  };
}

/** The Kullback-Leibler divergence: how much one distribution tells beyond another. */
import { expectChoice } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { greater, log, mul, sub, where } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { logSoftmax } from '../ops/softmax';
import { expectEqualShapes, type Loss } from './loss';
import { expectReduction, type ReductionOptions, reduceLoss, reductionOptions } from './reduce-loss';

/** What the prediction holds. */
export type DistributionForm = 'logits' | 'logProbabilities' | 'probabilities';

export interface KlDivergenceOptions extends ReductionOptions {
  /** Default 'logProbabilities'. */
  readonly form?: DistributionForm;
}

const logarithms: Readonly<Record<DistributionForm, (prediction: Value) => Value>> = {
  logits: logSoftmax,
  logProbabilities: (prediction) => prediction,
  probabilities: log,
};

/** sum of p log(p / q) over the last axis, where 0 log 0 = 0, of probabilities p and log q. */
export function divergence(p: Value, logQ: Value): Value {
  const isPositive = greater(p, 0);
  const difference = sub(log(where(isPositive, p, 1)), logQ);
  return sum(where(isPositive, mul(p, difference), 0), { axes: -1 });
}

/**
 * KL(p || q) = sum over k of p_k log(p_k / q_k), with 0 log 0 = 0, of the target p and the prediction q (Kullback and
 * Leibler 1951).
 *
 * Both are [N, K] or [..., K]; the target holds probabilities, the prediction log probabilities, or what `form` says. It
 * is 0 where both are equal, above 0 elsewhere, and not symmetric. With a fixed p it differs from the cross-entropy by the
 * entropy of p only.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and target differ; `OPTION` for an unknown form
 * @example losses.klDivergence({ form: 'logits' })(logits, probabilities)
 */
export function klDivergence(options: KlDivergenceOptions = {}): Loss {
  expectOptions('klDivergence', options, ['form', ...reductionOptions]);
  expectReduction('klDivergence', options);
  const { form = 'logProbabilities' } = options;
  expectChoice('klDivergence', 'form', form, Object.keys(logarithms));
  return (prediction, target) => {
    expectEqualShapes('klDivergence', prediction, target);
    return reduceLoss(divergence(target, logarithms[form](prediction)), options);
  };
}

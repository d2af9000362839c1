/** The loss of label distributions: for labels that are uncertain and ordered, such as ages or angles. */
import { expectOptions } from '../graph/errors';
import { klDivergence } from './kl-divergence';
import type { Loss } from './loss';
import { type ReductionOptions, reductionOptions } from './reduce-loss';

/**
 * KL(y || softmax(h)) = sum over k of y_k (log y_k - log softmax(h)_k), of logits h and a soft label y (Geng 2013, Gao et
 * al. 2017).
 *
 * Both are [N, K]; `gaussianLabels` makes y from numbers. Neighbours of the right class share its probability, so that
 * each example teaches several classes; the expectation of softmax(h) is the predicted number. The gradient with respect to
 * h is softmax(h) - y; the loss differs from the cross-entropy of soft labels by a constant only.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and target differ
 * @example losses.labelDistribution()(logits, ages) // ages: losses.gaussianLabels([25, 31], { classes: 101, deviation: 2 })
 */
export function labelDistribution(options: ReductionOptions = {}): Loss {
  expectOptions('labelDistribution', options, reductionOptions);
  return klDivergence({ ...options, form: 'logits' });
}

/** Losses of pairs and triplets, which the examples of a batch make among themselves. */
import type { Value } from '../graph/value';
import { argmax } from '../ops/argmax';
import { broadcastTo, div, equal, where } from '../ops/elementwise';
import { gather } from '../ops/gather';
import { sum } from '../ops/reduce';
import { expandDims, reshape } from '../ops/shape';
import { constant } from '../ops/source';
import type { Triplets } from './angular-loss';
import type { Pairs } from './contrastive';
import { expectLabels, type Loss } from './loss';

/** bool [N, N]: whether the examples i and j are of one class. */
const ofOneClass = (labels: Value): Value => equal(expandDims(labels, 1), expandDims(labels, 0));

/**
 * A loss of pairs as one of features and labels: for example i the mean of loss(i, j) over all other examples j of the
 * batch, the pair being of one kind when the labels are equal (as in Hadsell et al. 2006, with all pairs of a batch).
 *
 * The prediction holds features [N, F], the target int32 labels [N]. It takes memory of N * N * F numbers.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when features and labels do not fit
 * @example losses.composite({ logits: losses.crossEntropy(), features: losses.pairsWithinBatch(losses.contrastive()) })
 */
export const pairsWithinBatch =
  (loss: Loss<Pairs>): Loss =>
  (features, labels, scope) => {
    expectLabels('pairsWithinBatch', features, labels);
    const [n, width] = features.shape as [number, number];
    const everyPair = (axis: number) => reshape(broadcastTo(expandDims(features, axis), [n, n, width]), [n * n, width]);
    const same = reshape(ofOneClass(labels), [n * n]);
    const ofPairs = loss({ first: everyPair(1), second: everyPair(0) }, same, scope);
    return div(sum(reshape(ofPairs, [n, n]), { axes: 1 }), Math.max(1, n - 1)); // with itself a pair has the loss 0
  };

/** [N, N]: N for the example behind i, one less for the next, around to 1 for i itself. */
function nearness(n: number): Value {
  const numbers = Float32Array.from({ length: n * n }, (_, k) => n - (((k % n) - Math.floor(k / n) - 1 + n) % n));
  return constant({ dtype: 'float32', shape: [n, n], data: numbers });
}

/**
 * A loss of triplets as one of features and labels: with each example go the next one of its class and the next one of
 * another class, counted around the batch. An example that is alone in its class is its own positive.
 *
 * The prediction holds features [N, F], the target int32 labels [N].
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when features and labels do not fit
 * @example losses.tripletsWithinBatch(losses.angularLoss())
 */
export const tripletsWithinBatch =
  (loss: Loss<Triplets, unknown>): Loss =>
  (features, labels, scope) => {
    expectLabels('tripletsWithinBatch', features, labels);
    const same = ofOneClass(labels);
    const near = nearness(features.shape[0] as number);
    const positive = gather(features, argmax(where(same, near, 0)));
    const negative = gather(features, argmax(where(same, 0, near)));
    return loss({ anchor: features, positive, negative }, labels, scope);
  };

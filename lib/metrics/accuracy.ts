/** How often the right class comes first, or among the first k. */
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { expectEqualShapes, expectLabels } from '../losses/loss';
import { argmax } from '../ops/argmax';
import { cast, equal } from '../ops/elementwise';
import { max } from '../ops/reduce';
import { expandDims } from '../ops/shape';
import { topK } from '../ops/top-k';
import type { Metric } from './metric';

/** The class of each row: the label itself, or the most probable class of a one-hot or soft target. */
function classesOf(where: string, prediction: Value, target: Value): Value {
  if (target.dtype === 'float32') {
    expectEqualShapes(where, prediction, target);
    return argmax(target);
  }
  expectLabels(where, prediction, target);
  return target;
}

/**
 * 1 where the largest of the scores [N, K] stands at the label, else 0; of equal scores the first counts.
 *
 * The target is int32 [N], or float32 probabilities [N, K], of which the largest counts.
 */
export const accuracy = (): Metric => (prediction, target) =>
  cast(equal(argmax(prediction), classesOf('accuracy', prediction, target)), 'float32');

/** 1 where the label is among the k largest scores, else 0; targets as for `accuracy`. */
export function topKAccuracy(k: number): Metric {
  expectWhole('topKAccuracy', 'k', k, 1);
  return (prediction, target) => {
    const labels = expandDims(classesOf('topKAccuracy', prediction, target), -1);
    return max(cast(equal(topK(prediction, { k }).indices, labels), 'float32'), { axes: -1 });
  };
}

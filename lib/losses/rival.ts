/** How far the score of the right class stands above those of its rivals. */
import type { Value } from '../graph/value';
import { takeAlongAxis } from '../ops/along-axis';
import { equal, sub, where } from '../ops/elementwise';
import { oneHot } from '../ops/one-hot';
import { max } from '../ops/reduce';
import { expandDims, squeeze } from '../ops/shape';
import { expectLabels } from './loss';

/** Below every score that float32 can hold. */
const lowest = -3.4e38;

/** h_y: the score of the label in each row of [..., K], as [..., 1]. */
export function ownScore(where: string, scores: Value, labels: Value): Value {
  expectLabels(where, scores, labels);
  return takeAlongAxis(scores, expandDims(labels, -1));
}

/** `scores` with `instead` in the place of each label. */
export const withoutOwn = (scores: Value, labels: Value, instead: number): Value =>
  where(equal(oneHot(labels, scores.shape.at(-1) as number), 1), instead, scores);

/** h_y - max over j != y of h_j: above 0 where the label's class wins. One number per row. */
export function rivalMargin(where: string, scores: Value, labels: Value): Value {
  const own = squeeze(ownScore(where, scores, labels), -1);
  return sub(own, max(withoutOwn(scores, labels, lowest), { axes: -1 }));
}

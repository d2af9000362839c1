/** The score of the right class, apart from those of its rivals. */
import type { Value } from '../graph/value';
import { takeAlongAxis } from '../ops/along-axis';
import { equal, sub, where } from '../ops/elementwise';
import { oneHot } from '../ops/one-hot';
import { max } from '../ops/reduce';
import { expandDims } from '../ops/shape';
import { expectLabels } from './loss';

/** Below every score that float32 can hold. */
const lowest = -3.4e38;

/** Scores [..., K] with the labels [...] of their rows. */
export interface LabelledScores {
  readonly scores: Value;
  readonly labels: Value;
  /** bool [..., K]: where in each row the label stands. */
  readonly isOwn: Value;
}

/**
 * Marks the labels [...] of scores [..., K].
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when they do not fit; `VALUE` when the program runs and a label lies outside of 0
 *   to K - 1
 */
export function labelled(name: string, scores: Value, labels: Value): LabelledScores {
  expectLabels(name, scores, labels);
  return { scores, labels, isOwn: equal(oneHot(labels, scores.shape.at(-1) as number), 1) };
}

/** h_y: the score of the label in each row, as [..., 1]. */
export const ownScore = ({ scores, labels }: LabelledScores): Value => takeAlongAxis(scores, expandDims(labels, -1));

/** h_y - max over j != y of h_j: above 0 where the label's class wins; [..., 1]. */
export const rivalMargin = (given: LabelledScores): Value =>
  sub(ownScore(given), max(where(given.isOwn, lowest, given.scores), { axes: -1, keepDims: true }));

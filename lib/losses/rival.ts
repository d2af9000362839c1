/** The score of the right class, apart from those of its rivals: all in one pass over the scores. */
import type { Value } from '../graph/value';
import { equal, sub, where } from '../ops/elementwise';
import { gather } from '../ops/gather';
import { max, sum } from '../ops/reduce';
import { expandDims } from '../ops/shape';
import { constant } from '../ops/source';
import { expectLabels } from './loss';

/** Below every score that float32 can hold. */
const lowest = -3.4e38;

/** Scores [..., K], and where in each row the label stands. */
export interface LabelledScores {
  readonly scores: Value;
  /** bool [..., K]. */
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
  const classes = constant(Int32Array.from({ length: scores.shape.at(-1) as number }, (_, k) => k));
  const known = gather(classes, labels); // the labels themselves, once they have been found among the classes
  return { scores, isOwn: equal(expandDims(known, -1), classes) };
}

/** h_y: the score of the label in each row, as [..., 1]. */
export const ownScore = ({ scores, isOwn }: LabelledScores): Value =>
  sum(where(isOwn, scores, 0), { axes: -1, keepDims: true });

/** h_y - max over j != y of h_j: above 0 where the label's class wins; [..., 1]. */
export const rivalMargin = (given: LabelledScores): Value =>
  sub(ownScore(given), max(where(given.isOwn, lowest, given.scores), { axes: -1, keepDims: true }));

/** Who is taken for whom: a table of true and predicted classes, on the host. */
import { expect } from '../graph/errors';
import { expectWhole } from '../graph/whole';

/** Counts of true and predicted classes, and what follows from them. */
export interface ConfusionMatrix {
  /** Examples by true class (row) and predicted class (column). */
  readonly counts: readonly (readonly number[])[];
  /** Share of examples on the diagonal. */
  readonly accuracy: number;
  /** By class: the share of its examples that was found; NaN for a class without examples. */
  readonly recall: readonly number[];
  /** By class: the share of its predictions that was right; NaN for a class that was never predicted. */
  readonly precision: readonly number[];
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/**
 * Counts predictions.
 *
 * @param labels true classes, from 0 to `classes` - 1
 * @param predictions predicted classes of the same examples
 * @throws ConvoltError `DATA` when labels and predictions differ in number; `VALUE` for a class out of range
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): ConfusionMatrix {
  expectWhole('confusionMatrix', 'the number of classes', classes, 1);
  expect(labels.length === predictions.length, 'DATA', () => ({
    where: 'confusionMatrix',
    what: 'the number of predictions',
    expected: `${labels.length}, that of the labels`,
    actual: `${predictions.length}`,
  }));
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const classAt = (what: string, list: ArrayLike<number>, i: number): number => {
    const found = list[i] as number;
    expect(Number.isInteger(found) && found >= 0 && found < classes, 'VALUE', () => ({
      where: 'confusionMatrix',
      what: `every ${what}`,
      expected: `a whole number between 0 and ${classes - 1}`,
      actual: `${found} at ${i}`,
    }));
    return found;
  };
  for (let i = 0; i < labels.length; i++) {
    const row = counts[classAt('label', labels, i)] as number[];
    (row[classAt('prediction', predictions, i)] as number)++;
  }
  const hits = counts.map((row, i) => row[i] as number);
  return {
    counts,
    accuracy: total(hits) / labels.length,
    recall: hits.map((hit, i) => hit / total(counts[i] as number[])),
    precision: hits.map((hit, i) => hit / total(counts.map((row) => row[i] as number))),
  };
}

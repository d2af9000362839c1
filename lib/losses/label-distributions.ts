/** Soft labels: from a number, or a pair of numbers, to probabilities of ordered classes. */
import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { expectWhole } from '../graph/whole';

export interface GaussianLabelOptions {
  /** Number of classes. */
  readonly classes: number;
  /** Standard deviation of the labels, above 0, in the unit of the labels. Default 1. */
  readonly deviation?: number;
  /** What class 0 stands for. Default 0. */
  readonly first?: number;
  /** The distance between neighbouring classes, above 0. Default 1. */
  readonly step?: number;
}

/** Numbers of 0 or more as probabilities: each divided by the sum of all. */
function probabilities(scores: readonly number[]): number[] {
  const total = scores.reduce((sum, score) => sum + score, 0);
  expect(total > 0 && scores.every((score) => score >= 0), 'VALUE', () => ({
    where: 'label distribution',
    what: 'every score',
    expected: 'of 0 or more, and at least one above 0',
    actual: `${scores.slice(0, 8)}`,
  }));
  return scores.map((score) => score / total);
}

const rows = (labels: readonly (readonly number[])[], classes: number): Tensor => ({
  dtype: 'float32',
  shape: [labels.length, classes],
  data: Float32Array.from(labels.flat()),
});

function gaussian(where: string, centre: number, options: GaussianLabelOptions): number[] {
  expectOptions(where, options, ['classes', 'deviation', 'first', 'step']);
  const { classes, deviation = 1, first = 0, step = 1 } = options;
  expectWhole(where, 'the number of classes', classes, 1);
  expectNumber(where, 'the deviation', deviation, { above: 0 });
  expectNumber(where, 'the step', step, { above: 0 });
  expectNumber(where, 'every label', centre);
  const distances = Array.from({ length: classes }, (_, k) => ((first + k * step - centre) / deviation) ** 2 / 2);
  const nearest = Math.min(...distances); // cancels in the quotient, and keeps far labels above 0
  return probabilities(distances.map((distance) => Math.exp(nearest - distance)));
}

/**
 * y_k = e^(-(v_k - mu)^2 / (2 sigma^2)) / sum over all classes, for each label mu: a discrete Gaussian over classes of the
 * values v_k = first + k * step (Gao et al. 2017).
 *
 * @returns [labels, classes]
 * @throws ConvoltError `VALUE` for a deviation or step that is not above 0, or a label that is not finite
 * @example gaussianLabels([2], { classes: 5 }).data // 0.054489, 0.244201, 0.402620, 0.244201, 0.054489
 */
export const gaussianLabels = (labels: ArrayLike<number>, options: GaussianLabelOptions): Tensor =>
  rows(
    Array.from(labels, (label) => gaussian('gaussianLabels', label, options)),
    options.classes,
  );

/**
 * The product of two such distributions, for labels of two numbers such as yaw and pitch of a head: class
 * i * columns.classes + j has the probability y_i * y_j (Geng and Xia 2014).
 *
 * @param labels pairs of numbers
 * @returns [labels, rows.classes * columns.classes]
 * @example gaussianPairLabels([[0, 30]], { first: -90, step: 15, classes: 13, deviation: 15 }, { first: -90, step: 15, classes: 13, deviation: 15 })
 */
export function gaussianPairLabels(
  labels: readonly (readonly [number, number])[],
  down: GaussianLabelOptions,
  across: GaussianLabelOptions,
): Tensor {
  const tables = labels.map(([y, x]) => {
    const columns = gaussian('gaussianPairLabels', x, across);
    return gaussian('gaussianPairLabels', y, down).flatMap((row) => columns.map((column) => row * column));
  });
  return rows(tables, down.classes * across.classes);
}

/**
 * Any scores of 0 or more as soft labels: each row divided by its sum, e.g. how many people chose each class.
 *
 * @returns [rows, classes]
 * @throws ConvoltError `VALUE` for a score below 0, or a row without one above 0; `SHAPE` for rows of unequal length
 * @example scoredLabels([[3, 1, 0]]).data // 0.75, 0.25, 0
 */
export function scoredLabels(scores: readonly (readonly number[])[]): Tensor {
  const classes = scores[0]?.length ?? 0;
  expect(
    scores.every((row) => row.length === classes),
    'SHAPE',
    () => ({
      where: 'scoredLabels',
      what: 'every row',
      expected: `of ${classes} scores, as the first one`,
      actual: `rows of ${scores.map((row) => row.length)}`,
    }),
  );
  return rows(scores.map(probabilities), classes);
}

/** What the curves of accuracy say about the model: does it learn too little, or by heart? */
import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { type Diagnosis, percent } from './diagnosis';

/** Learnt by heart, learnt too little, or neither. */
export type FitVerdict = 'overfit' | 'underfit' | 'ok';

export interface FitDiagnosisOptions {
  /** Accuracy on the training data, one per epoch. */
  readonly training: readonly number[];
  /** Accuracy on the validation data, one per epoch. */
  readonly validation: readonly number[];
  /** The validation accuracy that would be good enough: without it every normal run would look too weak. */
  readonly target: number;
  /** A steeper fall of validation accuracy per epoch, over the last half, is one. Default 0.001. */
  readonly decline?: number;
  /** So much below its peak is a fall as well. Default 0.03. */
  readonly drop?: number;
  /** So far above the training accuracy, validation accuracy still counts as no better. Default 0.02. */
  readonly margin?: number;
}

const advice: Readonly<Record<FitVerdict, readonly string[]>> = {
  overfit: [
    'stop early and keep the best weights',
    'regularise more: l2, max-norm',
    'dropout',
    'more data or augmentation',
    'a smaller structure',
  ],
  underfit: ['more layers or units', 'another activation function', 'less regularisation'],
  ok: [],
};

/** The slope of the least-squares line through values at 0, 1, 2, ... */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  return squares === 0 ? 0 : values.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0) / squares;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Compares accuracy on training and validation data, epoch by epoch: does the model overfit, underfit, or neither?
 *
 * - `overfit`: validation stays behind training and falls, by more than 0.001 per epoch over the last half (least squares)
 *   or by more than 0.03 from its peak.
 * - `underfit`: validation is no better than training (within 0.02), does not fall, and ends below the target.
 * - `ok`: neither.
 *
 * @throws ConvoltError `DATA` for curves that are empty or differ in length, `VALUE` for a target that is not between 0
 *   and 1
 * @example diagnoseFit({ training: [0.6, 0.9, 1], validation: [0.6, 0.7, 0.6], target: 0.9 }).verdict // 'overfit'
 */
export function diagnoseFit(options: FitDiagnosisOptions): Diagnosis<FitVerdict> {
  const where = 'diagnoseFit';
  expectOptions(where, options, ['training', 'validation', 'target', 'decline', 'drop', 'margin']);
  const { training, validation, target, decline = 0.001, drop = 0.03, margin = 0.02 } = options;
  expectNumber(where, 'the target', target, { above: 0, most: 1 });
  for (const [name, value] of Object.entries({ decline, drop, margin })) expectNumber(where, name, value, { least: 0 });
  expect(training.length > 0 && training.length === validation.length, 'DATA', () => ({
    where,
    what: 'the curves',
    expected: 'of one length above 0',
    actual: `${training.length} and ${validation.length} values`,
  }));
  const half = validation.slice(Math.floor(validation.length / 2));
  const final = validation.at(-1) as number;
  const [slope, peak] = [slopeOf(half), Math.max(...validation)];
  const gap = meanOf(training.slice(-5)) - meanOf(validation.slice(-5));
  const last = training.at(-1) as number;
  const falls = slope < -decline || peak - final > drop;
  const ends = `training ends at ${percent(last)}, validation at ${percent(final)}`;
  const course = `validation changes by ${percent(slope)} per epoch over the last half, its peak was ${percent(peak)}`;
  const found = (verdict: FitVerdict, evidence: string) => ({ verdict, evidence, advice: advice[verdict] });
  if (gap > 0 && falls) return found('overfit', `${ends} (gap ${percent(gap)}); ${course}`);
  if (final <= last + margin && !falls && final < target) {
    return found('underfit', `${ends}, below the target of ${percent(target)}; ${course}`);
  }
  return found('ok', ends);
}

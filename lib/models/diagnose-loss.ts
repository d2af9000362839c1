/** What the curve of the loss says about the learning rate. */
import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { type Diagnosis, percent, shown } from './diagnosis';

/** What the curve of a loss looks like. */
export type LossVerdict = 'explode' | 'stalls' | 'slow' | 'good';

export interface LossDiagnosisOptions {
  /** Losses of the first batches, where an explosion shows first. Default: the curve itself. */
  readonly first?: readonly number[];
  /** How many values are watched for an explosion. Default 20. */
  readonly watched?: number;
  /** A loss above so many times the first one explodes. Default 3. */
  readonly rise?: number;
  /** The fall in the first third that a curve must show to stall later. Default 0.3. */
  readonly early?: number;
  /** A smaller improvement over the last half is none. Default 0.02. */
  readonly late?: number;
  /** Below this share of the first loss nothing is left to gain. Default 0.05. */
  readonly done?: number;
  /** A smaller fall over the first five values is slow. Default 0.1. */
  readonly slow?: number;
}

const defaults = { watched: 20, rise: 3, early: 0.3, late: 0.02, done: 0.05, slow: 0.1 };

const advice: Readonly<Record<LossVerdict, readonly string[]>> = {
  explode: ['start again with a much smaller learning rate, a tenth or less', 'clip the norm of the gradients'],
  stalls: ['lower the learning rate', 'lower it in the last epochs only and do these again (changePoints, plateau)'],
  slow: ['raise the learning rate a little, by a factor of 2 to 3'],
  good: [],
};

/** The position and value of the first of `losses` that is not finite or above `limit`. */
function explosionIn(losses: readonly number[], limit: number): { at: number; value: number } | undefined {
  const at = losses.findIndex((loss) => !(loss <= limit));
  return at < 0 ? undefined : { at, value: losses[at] as number };
}

/**
 * Classifies a curve of losses, one per epoch: `explode`, `stalls`, `slow` or `good`; what is wrong is mostly the rate.
 *
 * - `explode`: a loss that is not finite, or above 3 times the first one within the first 20 values: the rate is far too
 *   large.
 * - `stalls`: a fall of 30 % or more in the first third, less than 2 % over the last half, and still above 5 % of the first
 *   loss: the rate is too large to go on.
 * - `slow`: a fall of less than 10 % over the first five epochs, and no rise above 5 %: the rate is too small.
 * - `good`: none of these.
 *
 * @param losses of the epochs, in order; two at least
 * @throws ConvoltError `DATA` for fewer than two losses
 * @example diagnoseLoss([2.3, 2.29, 2.28, 2.27, 2.26]).verdict // 'slow'
 */
export function diagnoseLoss(losses: readonly number[], options: LossDiagnosisOptions = {}): Diagnosis<LossVerdict> {
  expectOptions('diagnoseLoss', options, ['first', ...Object.keys(defaults)]);
  const { first = losses, ...thresholds } = options;
  const { watched, rise, early, late, done, slow } = { ...defaults, ...thresholds };
  for (const [name, value] of Object.entries({ watched, rise, early, late, done, slow })) {
    expectNumber('diagnoseLoss', name, value, { above: 0 });
  }
  expect(losses.length >= 2, 'DATA', () => ({
    where: 'diagnoseLoss',
    what: 'the number of losses',
    expected: '2 or more',
    actual: String(losses.length),
  }));
  const found = (verdict: LossVerdict, evidence: string) => ({ verdict, evidence, advice: advice[verdict] });
  const at = (share: number): number => losses[Math.floor(share * (losses.length - 1))] as number;
  const [start, end, begin] = [losses[0] as number, losses.at(-1) as number, first[0] ?? (losses[0] as number)];

  const explosion =
    explosionIn(first.slice(0, watched), rise * Math.abs(begin)) ??
    explosionIn(losses.slice(0, watched), rise * Math.abs(start)) ??
    explosionIn(losses, Number.MAX_VALUE);
  if (explosion) {
    return found(
      'explode',
      `the loss went from ${shown(begin)} to ${shown(explosion.value)} at value ${explosion.at + 1}`,
    );
  }
  const fallOf = (from: number, to: number): number => (from - to) / Math.abs(from || 1);
  const [earlyFall, lateFall] = [fallOf(start, at(1 / 3)), fallOf(at(1 / 2), end)];
  if (losses.length > 3 && earlyFall >= early && lateFall < late && end > done * start) {
    const evidence = `it fell by ${percent(earlyFall)} in the first third and by ${percent(lateFall)} in the last half`;
    return found('stalls', `${evidence}, and stays at ${shown(end)}`);
  }
  const opening = losses.slice(0, 5);
  const openingFall = fallOf(start, opening.at(-1) as number);
  if (openingFall < slow && Math.max(...opening) <= 1.05 * start) {
    return found('slow', `it fell by ${percent(openingFall)} over the first ${opening.length} epochs`);
  }
  return found('good', `it fell from ${shown(start)} to ${shown(end)}`);
}

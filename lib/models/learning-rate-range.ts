/** The learning-rate range test: one sweep from too small to too large (Smith 2017). */
import { epochOrder } from '../data/shuffle';
import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { exp, mul } from '../ops/elementwise';
import { sgd, type Transform } from '../optimizers';
import type { Schedule } from '../schedules';
import { makeResident, releaseResident, residentSource } from './batch-source';
import { type Diagnosis, shown } from './diagnosis';
import { type Examples, expectSameCount, newResidentName } from './evaluate';
import { Session } from './session';

export interface LearningRateRangeOptions {
  /** The first rate. Default 1e-5. */
  readonly from?: number;
  /** The last rate. Default 10. */
  readonly to?: number;
  /** Examples per step. Default 32. */
  readonly batchSize?: number;
  /** Makes the optimizer by its rate. Default plain `sgd`. */
  readonly optimizer?: (rate: Schedule) => Transform;
  /** How much each smoothed loss keeps of the one before it, from 0 to below 1. Default 0.7. */
  readonly smoothing?: number;
}

/** The losses of a sweep over rates, and the rate that they suggest. */
export interface LearningRateRange extends Diagnosis<'found' | 'flat'> {
  /** The rate of every step, growing by a constant factor. */
  readonly rates: readonly number[];
  /** The loss of every step, smoothed. */
  readonly losses: readonly number[];
  /** A rate to start with: a third of the one at which the loss fell fastest. */
  readonly suggestion: number;
  /** The rate at which the loss rose above 3 times its least value, if it did. */
  readonly diverged?: number;
}

/** Exponential averages without the bias of the first ones; what is not finite stays so. */
function smoothed(losses: ArrayLike<number>, keep: number): number[] {
  let [mean, weight] = [0, 0];
  return Array.from(losses, (loss) => {
    mean = keep * mean + (1 - keep) * loss;
    weight = keep * weight + 1 - keep;
    return mean / weight;
  });
}

/** The position of the steepest fall per step among the first `end` values. */
function steepest(losses: readonly number[], end: number): number {
  const width = Math.max(1, Math.floor(end / 10));
  const falls = losses.slice(width, end).map((loss, i) => (losses[i] as number) - loss);
  const best = falls.indexOf(Math.max(...falls));
  return best < 0 ? 0 : best + Math.ceil(width / 2);
}

/**
 * Trains a fresh copy of the session's model for one epoch while the rate grows exponentially from `from` to `to`, and looks
 * where the loss falls fastest and where it rises. The session itself is not touched.
 *
 * Without a test start with 0.01 or 0.001, and lower it when the loss rises sharply in the first batches (`stopOnRise` of
 * `fit`).
 *
 * @throws ConvoltError `DATA` for fewer than 10 batches; `VALUE` for rates that do not rise
 * @example const { suggestion, diverged } = await learningRateRange(session, train, { optimizer: (rate) => sgd({ rate, momentum: 0.9 }) });
 */
export async function learningRateRange(
  session: Session,
  examples: Examples,
  options: LearningRateRangeOptions = {},
): Promise<LearningRateRange> {
  const where = 'learningRateRange';
  expectOptions(where, options, ['from', 'to', 'batchSize', 'optimizer', 'smoothing']);
  const {
    from = 1e-5,
    to = 10,
    batchSize = 32,
    optimizer = (rate: Schedule) => sgd({ rate }),
    smoothing = 0.7,
  } = options;
  expectNumber(where, 'from', from, { above: 0 });
  expectNumber(where, 'to', to, { above: from });
  expectWhole(where, 'the batch size', batchSize, 1);
  expectNumber(where, 'smoothing', smoothing, { least: 0, below: 1 });
  const count = expectSameCount(where, examples);
  const steps = Math.floor(count / batchSize);
  expect(steps >= 10, 'DATA', () => ({
    where,
    what: 'the number of batches',
    expected: '10 or more',
    actual: `${steps}`,
  }));
  const growth = Math.log(to / from) / (steps - 1);
  const rising: Schedule = (step) => mul(exp(mul(step, growth)), from);
  const { loss, regularizer, seed } = session.options;
  const trial = new Session(session.model, {
    ...{ loss, regularizer, seed },
    optimizer: optimizer(rising),
    onNotFinite: 'continue',
  });
  const name = newResidentName();
  try {
    makeResident(trial.executor, name, examples.input, examples.target);
    const program = await trial.trainingProgram(residentSource(name, examples.input, examples.target, batchSize));
    const index = epochOrder(count, trial.executor.seed, 1).subarray(0, steps * batchSize);
    const { outputs } = await program.run({ index }, steps);
    const losses = smoothed((outputs.loss as Tensor).data, smoothing);
    const rates = Array.from({ length: steps }, (_, i) => from * Math.exp(growth * i));
    return { rates, losses, ...judged(rates, losses) };
  } finally {
    releaseResident(trial.executor, name);
    trial.dispose();
  }
}

function judged(rates: readonly number[], losses: readonly number[]) {
  let least = Number.POSITIVE_INFINITY;
  const end = losses.findIndex((loss) => {
    least = Math.min(least, loss);
    return !(loss <= 3 * least);
  });
  const usable = losses.slice(0, end < 0 ? losses.length : end);
  const lowest = usable.indexOf(Math.min(...usable));
  const diverged = end < 0 ? undefined : rates[end];
  const [first, low] = [losses[0] as number, usable[lowest] as number];
  const suggestion = (rates[steepest(losses, lowest + 1)] as number) / 3;
  const course = `the loss fell from ${shown(first)} to ${shown(low)} at a rate of ${shown(rates[lowest] as number)}`;
  const rose = diverged === undefined ? '' : ` and rose above 3 times its least value at ${shown(diverged)}`;
  const isFlat = low > 0.95 * first;
  const advice = isFlat ? ['try a wider range of rates'] : [`start with a rate of about ${shown(suggestion)}`];
  return {
    verdict: isFlat ? ('flat' as const) : ('found' as const),
    evidence: course + rose,
    advice,
    suggestion,
    diverged,
  };
}

/** The training loop: shuffled epochs over a dataset in the store, many steps per native call, never blocking Node. */
import { epochOrder } from '../data/shuffle';
import { ConvoltError, expect, expectOptions } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { type Augment, makeResident, releaseResident, residentSource } from './batch-source';
import type { Diagnosis } from './diagnosis';
import { EarlyStopping, type EarlyStoppingOptions } from './early-stopping';
import { type Examples, evaluateResident, expectSameCount, newResidentName } from './evaluate';
import { type EpochReport, type History, type Progress, RunningMeans } from './history';
import { ReduceOnPlateau, type ReduceOnPlateauOptions } from './reduce-on-plateau';
import type { Session } from './session';
import { diagnoseHistory, TrainingWatch } from './training-watch';

export interface FitOptions {
  /** Passes over the data. Default 10. */
  readonly epochs?: number;
  /** Examples per step. Default 32. */
  readonly batchSize?: number;
  /** Drop the last, smaller batch of an epoch. Default false. */
  readonly dropLast?: boolean;
  /** Shuffle anew in every epoch. Default true. */
  readonly shuffle?: boolean;
  /** Changes every training batch at random, within the native step, e.g. `randomFlip()`. Default: none. */
  readonly augment?: Augment;
  /** Data that is measured after every epoch and never trained on. */
  readonly validation?: Examples;
  /** Stop when the validation measure no longer improves, and restore the best weights. */
  readonly earlyStopping?: EarlyStoppingOptions;
  /** Multiply the optimizer's `adjustable` rate when the validation measure no longer improves. */
  readonly reduceOnPlateau?: ReduceOnPlateauOptions;
  /** Names of scalars inside of the step whose means are reported too, e.g. `rate` of a schedule or `gradientNorm`. */
  readonly fetch?: readonly string[];
  /**
   * Told what looks wrong, with the evidence and what helps: a batch that is too small, a loss that rises sharply in the
   * first batches, and at the end what the curves say.
   */
  readonly onAdvice?: (diagnosis: Diagnosis) => void;
  /** Stop when the loss rises sharply in the first 20 batches: `fit` rejects with `ABORTED` and the advice. Default false. */
  readonly stopOnRise?: boolean;
  /** The validation accuracy that would be good enough: with it, the advice at the end speaks of over- and underfitting. */
  readonly target?: number;
  /** Called after every native call, about 40 times per second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called after every epoch. */
  readonly onEpoch?: (report: EpochReport) => void;
  /** Stops training: `fit` rejects with `ABORTED` and the session holds the state after the last whole step. */
  readonly signal?: AbortSignal;
}

const optionNames = [
  'epochs',
  'batchSize',
  'dropLast',
  'shuffle',
  'augment',
  'validation',
  'earlyStopping',
  'reduceOnPlateau',
  'fetch',
  'onAdvice',
  'stopOnRise',
  'target',
  'onProgress',
  'onEpoch',
  'signal',
];

/** Aimed length of one native call: long enough to cost nothing, short enough for progress and for stopping. */
const callMilliseconds = 25;

function checkOptions(options: FitOptions, count: number): void {
  expectOptions('fit', options, optionNames);
  const { epochs = 10, batchSize = 32, augment } = options;
  expect(augment === undefined || typeof augment === 'function', 'OPTION', () => ({
    where: 'fit',
    what: 'augment',
    expected: 'a function',
    actual: typeof augment,
  }));
  for (const [what, value] of [
    ['the epochs', epochs],
    ['the batch size', batchSize],
  ] as const) {
    expect(Number.isInteger(value) && value > 0, 'VALUE', () => ({
      where: 'fit',
      what,
      expected: 'a whole number above 0',
      actual: String(value),
    }));
  }
  expect(batchSize <= count, 'DATA', () => ({
    where: 'fit',
    what: 'the batch size',
    expected: `at most ${count}, the number of examples`,
    actual: String(batchSize),
  }));
}

const aborted = (signal: AbortSignal): ConvoltError =>
  new ConvoltError('ABORTED', 'fit: stopped by its signal; the session holds the state after the last whole step', {
    cause: signal.reason,
  });

class Trainer {
  private readonly name = newResidentName();
  private readonly validationName = newResidentName();
  private readonly count: number;
  /** Steps per native call, adapted to their measured time. */
  private chunk = 1;
  private readonly watch: TrainingWatch;

  constructor(
    private readonly session: Session,
    private readonly examples: Examples,
    private readonly options: FitOptions,
  ) {
    this.count = expectSameCount('fit', examples);
    checkOptions(options, this.count);
    if (options.validation) expectSameCount('fit', options.validation);
    this.watch = new TrainingWatch(options);
  }

  /** Losses of the first batches. */
  get firstLosses(): readonly number[] {
    return this.watch.firstLosses;
  }

  open(): void {
    const { input, target } = this.examples;
    makeResident(this.session.executor, this.name, input, target);
    const { validation } = this.options;
    if (validation) makeResident(this.session.executor, this.validationName, validation.input, validation.target);
  }

  close(): void {
    for (const name of [this.name, this.validationName]) releaseResident(this.session.executor, name);
  }

  /** Row numbers in the order of this epoch; the same for the same seed and epoch. */
  private order(epoch: number): Int32Array {
    if (this.options.shuffle === false) return Int32Array.from({ length: this.count }, (_, i) => i);
    return epochOrder(this.count, this.session.executor.seed, epoch);
  }

  async epoch(epoch: number): Promise<EpochReport> {
    const { batchSize = 32, dropLast = false, validation } = this.options;
    if (this.session.options.stateful) await this.session.resetCarried();
    const began = performance.now();
    const order = this.order(epoch);
    const running = new RunningMeans();
    const whole = Math.floor(this.count / batchSize);
    const rest = dropLast ? 0 : this.count % batchSize;
    const batches = whole + (rest ? 1 : 0);
    for (let batch = 0; batch < batches; ) {
      const size = batch < whole ? batchSize : rest;
      const steps = batch < whole ? Math.min(this.chunk, whole - batch) : 1;
      const start = batch * batchSize;
      batch += await this.call(order.subarray(start, start + steps * size), steps, size, running);
      this.report(epoch, batch, batches, running, began);
    }
    const means =
      validation && (await evaluateResident(this.session, this.validationName, validation, Math.max(batchSize, 128)));
    return {
      epoch,
      training: running.means,
      validation: means,
      seconds: (performance.now() - began) / 1000,
      best: false,
    };
  }

  /** One native call of `steps` steps. */
  private async call(index: Int32Array, steps: number, size: number, running: RunningMeans): Promise<number> {
    const { signal, augment } = this.options;
    const { input, target } = this.examples;
    if (signal?.aborted) throw aborted(signal);
    const source = residentSource(this.name, input, target, size, augment);
    const program = await this.session.trainingProgram(source, { fetch: this.options.fetch });
    const stop = () => program.abort();
    signal?.addEventListener('abort', stop, { once: true });
    const began = performance.now();
    try {
      const { outputs, iterations } = await program.run({ index }, steps);
      const { finite: _, ...measures } = outputs;
      running.add(numbersOf(measures), iterations, size);
      this.watch.note((outputs.loss as Tensor).data, iterations);
      if (signal?.aborted) throw aborted(signal);
      const perStep = (performance.now() - began) / steps;
      this.chunk = Math.max(1, Math.min(Math.floor(callMilliseconds / perStep), this.chunk * 2, 4096));
      return iterations;
    } catch (error) {
      const done = (error as { iterations?: number }).iterations ?? 0;
      if ((error as ConvoltError).code === 'NOT_FINITE') this.watch.note([Number.NaN], 1);
      throw await this.session.diagnosed(error, source, { index: index.subarray(done * size, (done + 1) * size) });
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  private report(epoch: number, batch: number, batches: number, running: RunningMeans, began: number): void {
    const { onProgress, epochs: total = 10, batchSize = 32 } = this.options;
    const seconds = (performance.now() - began) / 1000;
    const examplesPerSecond = Math.min(batch * batchSize, this.count) / seconds;
    onProgress?.({ epoch, epochs: total, batch, batches, training: running.means, examplesPerSecond });
  }
}

const numbersOf = (outputs: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));

/**
 * Trains and yields one report per epoch.
 *
 * @example
 * for await (const { epoch, validation } of epochs(session, train, { validation: test })) console.log(epoch, validation);
 */
export async function* epochs(
  session: Session,
  examples: Examples,
  options: FitOptions = {},
): AsyncGenerator<EpochReport, History> {
  const trainer = new Trainer(session, examples, options);
  const stopping = options.earlyStopping && new EarlyStopping(options.earlyStopping);
  const plateau = options.reduceOnPlateau && new ReduceOnPlateau(options.reduceOnPlateau);
  const reports: EpochReport[] = [];
  try {
    trainer.open();
    const last = session.epochs + (options.epochs ?? 10);
    while (session.epochs < last) {
      const measured = await trainer.epoch(session.epochs + 1);
      session.epochs++;
      const watched = measured.validation ?? measured.training;
      const best = stopping?.note(measured.epoch, watched, session) ?? false;
      plateau?.note(watched, session);
      const report = { ...measured, best };
      reports.push(report);
      options.onEpoch?.(report);
      yield report;
      if (stopping?.exhausted) break;
    }
    stopping?.restore(session);
  } finally {
    trainer.close();
  }
  const restoredEpoch = stopping?.bestEpoch ?? session.epochs;
  const { firstLosses } = trainer;
  const history = { epochs: reports, restoredEpoch, stoppedEarly: stopping?.exhausted ?? false, firstLosses };
  if (options.onAdvice) for (const found of diagnoseHistory(history, options.target)) options.onAdvice(found);
  return history;
}

/**
 * Trains a session on a dataset, asynchronously and on native threads: every epoch visits every example once, in an
 * order that seed and epoch fix. Calling it again goes on where it stopped.
 *
 * @returns the reports of all epochs
 * @throws ConvoltError `DATA` for an empty dataset, unequal numbers, or a batch larger than the dataset; `NOT_FINITE`
 *   when the loss is (the layer is named, parameters are those before the step); `ABORTED` by the signal
 * @example
 * const history = await fit(session, digits.train, { epochs: 20, validation: digits.validation });
 */
export async function fit(session: Session, examples: Examples, options: FitOptions = {}): Promise<History> {
  const training = epochs(session, examples, options);
  for (;;) {
    const { done, value } = await training.next();
    if (done) return value as History;
  }
}

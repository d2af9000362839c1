/** `convolt train`: trains a network on a dataset and saves it. */
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Augmentation } from '../data';
import { writeAtomically } from '../io/atomic-file';
import { learningCurves } from '../io/curves';
import { refused } from '../io/file';
import { readSafetensors } from '../io/safetensors';
import { crossEntropy } from '../losses';
import { accuracy } from '../metrics';
import { type EpochReport, evaluate, fit, Session } from '../models';
import { epochsOf } from '../models/checkpoint';
import type { Rate } from '../schedules';
import { loadData, makeModel, makeOptimizer, makeRate, type Splits } from './choices';
import { showAll, TrainingReport } from './report';

export interface TrainOptions {
  readonly data: string;
  readonly augment?: Augmentation;
  readonly model: string;
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  readonly schedule: string;
  readonly optimizer: string;
  readonly patience?: number;
  readonly seed: number;
  readonly out: string;
  readonly resume?: string;
  readonly json: boolean;
}

/** What a saved model's header says, so that `evaluate` and `predict` can build it again. */
function headerOf(options: TrainOptions, splits: Splits): Record<string, string> {
  const { shape, dtype } = splits.train.input;
  return {
    model: options.model,
    data: options.data,
    classes: String(splits.classes),
    inputShape: shape.slice(1).join(),
    inputType: dtype,
  };
}

/** Aborts at the first SIGINT; a second one ends the process as usual. */
function stopOnInterrupt(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop);
  return { signal: controller.signal, release: () => process.removeListener('SIGINT', stop) };
}

/** A session for a model by name. */
export function openSession(
  name: string,
  splits: Splits,
  options: { rate?: Rate; optimizer?: string; seed?: number } = {},
): Session {
  const { optimizer = 'adam', rate = 1e-3, seed = 0 } = options;
  return new Session(makeModel(name, splits.classes, splits.train.input), {
    loss: crossEntropy(),
    metrics: { accuracy: accuracy() },
    optimizer: makeOptimizer(optimizer, rate),
    seed,
  });
}

/** Makes the output folder, and finds out that it cannot be written to before time is spent on training. */
async function prepareFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (cause) {
    throw refused('train', path, 'a writable folder', cause);
  }
}

/** The learning rate of the whole training, epochs before a checkpoint included. */
async function rateOf({ resume, schedule, rate, epochs, batch }: TrainOptions, { train }: Splits): Promise<Rate> {
  const done = resume ? epochsOf(resume, (await readSafetensors(resume)).metadata) : 0;
  return makeRate(schedule, rate, (done + epochs) * Math.ceil(train.size / batch));
}

/** Runs `fit` with reports; false when it was interrupted. */
async function fitReporting(
  session: Session,
  { train: examples, validation }: Splits,
  options: TrainOptions,
  reports: EpochReport[],
): Promise<boolean> {
  const { epochs, batch: batchSize, augment, patience, json } = options;
  const report = new TrainingReport(json);
  const { signal, release } = stopOnInterrupt();
  const onEpoch = (epoch: EpochReport) => {
    reports.push(epoch);
    report.onEpoch(epoch);
  };
  const earlyStopping = patience === undefined ? undefined : { patience, monitor: 'accuracy' };
  const { onProgress } = report;
  const recipe = { epochs, batchSize, augment, validation, earlyStopping };
  try {
    await fit(session, examples, { ...recipe, onProgress, onEpoch, signal });
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    return false;
  } finally {
    report.stop();
    release();
  }
}

async function writeReports(folder: string, reports: readonly EpochReport[]): Promise<void> {
  const texts = { 'history.json': `${JSON.stringify(reports, null, 2)}\n`, 'curves.svg': learningCurves(reports) };
  for (const [name, text] of Object.entries(texts)) await writeAtomically(join(folder, name), [Buffer.from(text)]);
}

/** Trains, prints, saves `model.safetensors`, `history.json` and `curves.svg` into the output folder. */
export async function train(options: TrainOptions): Promise<void> {
  const splits = await loadData(options.data, options.seed);
  const session = openSession(options.model, splits, { ...options, rate: await rateOf(options, splits) });
  if (options.resume) await session.load(options.resume);
  await prepareFolder(options.out);
  const path = join(options.out, 'model.safetensors');
  const reports: EpochReport[] = [];
  const finished = await fitReporting(session, splits, options, reports);
  await session.save(path, headerOf(options, splits));
  if (reports.length) await writeReports(options.out, reports);
  if (finished) {
    const test = await evaluate(session, splits.test);
    if (options.json) console.log(JSON.stringify({ test, model: path }));
    else console.log(`test: ${showAll(test)}\nsaved ${path}, history.json and curves.svg`);
  } else {
    console.error(`interrupted: the state so far is in ${path}; go on with --resume ${path}`);
    process.exitCode = 130;
  }
  session.dispose();
}

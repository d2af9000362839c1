/** `convolt train`: trains a network on a dataset and saves it. */
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../io/atomic-file';
import { learningCurves } from '../io/curves';
import { refused } from '../io/file';
import { readSafetensors } from '../io/safetensors';
import { crossEntropy } from '../losses';
import { accuracy } from '../metrics';
import { type EpochReport, evaluate, fit, Session } from '../models';
import type { Rate } from '../schedules';
import { loadData, makeModel, makeOptimizer, makeRate, type Splits } from './choices';
import { showMeasure, TrainingReport } from './report';

export interface TrainOptions {
  readonly data: string;
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

/** Trains, prints, saves `model.safetensors`, `history.json` and `curves.svg` into the output folder. */
export async function train(options: TrainOptions): Promise<void> {
  const splits = await loadData(options.data, options.seed);
  const done = options.resume ? Number((await readSafetensors(options.resume)).metadata.epochs ?? 0) : 0;
  const steps = (done + options.epochs) * Math.ceil(splits.train.size / options.batch);
  const rate = makeRate(options.schedule, options.rate, steps);
  const session = openSession(options.model, splits, { ...options, rate });
  if (options.resume) await session.load(options.resume);
  await prepareFolder(options.out);
  const path = join(options.out, 'model.safetensors');
  const header = headerOf(options, splits);
  const report = new TrainingReport(options.json);
  const reports: EpochReport[] = [];
  const { signal, release } = stopOnInterrupt();
  try {
    await fit(session, splits.train, {
      epochs: options.epochs,
      batchSize: options.batch,
      validation: splits.validation,
      earlyStopping: options.patience === undefined ? undefined : { patience: options.patience, monitor: 'accuracy' },
      onProgress: report.onProgress,
      onEpoch: (epoch) => {
        reports.push(epoch);
        report.onEpoch(epoch);
      },
      signal,
    });
  } catch (error) {
    report.stop();
    if (!signal.aborted) throw error;
    await session.save(path, header);
    console.error(`interrupted: the state so far is in ${path}; go on with --resume ${path}`);
    process.exitCode = 130;
    return;
  } finally {
    release();
  }
  const test = await evaluate(session, splits.test);
  await session.save(path, header);
  const texts = { 'history.json': `${JSON.stringify(reports, null, 2)}\n`, 'curves.svg': learningCurves(reports) };
  for (const [name, text] of Object.entries(texts)) await writeAtomically(join(options.out, name), [Buffer.from(text)]);
  if (options.json) console.log(JSON.stringify({ test, model: path }));
  else
    console.log(
      `test: ${Object.entries(test)
        .map(([name, value]) => `${name} ${showMeasure(name, value)}`)
        .join('  ')}\nsaved ${path}, history.json and curves.svg`,
    );
  session.dispose();
}

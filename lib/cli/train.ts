/** `convolt train`: trains a network on a dataset and saves it. */
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Augmentation } from '../data';
import { writeAtomically } from '../io/atomic-file';
import { learningCurves } from '../io/curves';
import { refused } from '../io/file';
import { historyCsv } from '../io/history-csv';
import { readSafetensors } from '../io/safetensors';
import { head } from '../losses';
import { accuracy } from '../metrics';
import { type EpochReport, evaluate, fit, Session, type SessionOptions } from '../models';
import { epochsOf } from '../models/checkpoint';
import { rowsOf } from '../models/evaluate';
import { reinitialize } from '../models/reinitialize';
import { loadData, type Splits } from './choices';
import { made } from './named';
import { makeModel, type NetworkOptions, showsFeatures } from './network';
import { initializerTable } from './offered';
import { type RecipeOptions, recipeOf } from './recipe';
import { showAll, TrainingReport } from './report';

export interface TrainOptions extends RecipeOptions, NetworkOptions {
  readonly data: string;
  readonly augment?: Augmentation;
  readonly loss?: string;
  readonly epochs: number;
  readonly batch: number;
  readonly init?: string;
  readonly target?: number;
  readonly stopOnRise?: boolean;
  readonly patience?: number;
  readonly seed: number;
  readonly update?: 'deferred' | 'fused';
  readonly out: string;
  readonly resume?: string;
  readonly json: boolean;
}

/** What a saved model's header says, so that `evaluate` and `predict` can build it again. */
function headerOf(options: TrainOptions, splits: Splits): Record<string, string> {
  const { shape, dtype } = splits.train.input;
  const { model, data, activation, norm, loss, features } = options;
  const chosen = Object.entries({ activation, norm, loss, features }).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(chosen.map(([name, value]) => [name, String(value)])),
    model,
    data,
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

/** How long a training is. */
interface Length {
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/** A session for a model by name. */
export function openSession(
  options: NetworkOptions & RecipeOptions & Pick<SessionOptions, 'seed' | 'update'>,
  splits: Splits,
  length: Length = { steps: 1, stepsPerEpoch: 1 },
): Session {
  const { classes, train: examples } = splits;
  const right = showsFeatures(options) ? head('logits', accuracy()) : accuracy();
  return new Session(makeModel(options, classes, examples.input), {
    ...recipeOf(options, { ...length, classes }),
    metrics: { accuracy: right },
    seed: options.seed ?? 0,
    update: options.update,
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

/** The length of the whole training, epochs before a checkpoint included. */
async function lengthOf({ resume, epochs, batch }: TrainOptions, { train }: Splits): Promise<Length> {
  const done = resume ? epochsOf(resume, (await readSafetensors(resume)).metadata) : 0;
  const stepsPerEpoch = Math.ceil(train.size / batch);
  return { steps: (done + epochs) * stepsPerEpoch, stepsPerEpoch };
}

/** Runs `fit` with reports; false when it was interrupted. */
async function fitReporting(
  session: Session,
  { train: examples, validation }: Splits,
  options: TrainOptions,
  reports: EpochReport[],
): Promise<boolean> {
  const { epochs, batch: batchSize, augment, patience, schedule, target, stopOnRise, json } = options;
  const report = new TrainingReport(json);
  const { signal, release } = stopOnInterrupt();
  const onEpoch = (epoch: EpochReport) => {
    reports.push(epoch);
    report.onEpoch(epoch);
  };
  const earlyStopping = patience === undefined ? undefined : { patience, monitor: 'accuracy' };
  const reduceOnPlateau = schedule?.startsWith('plateau') ? { patience: 3 } : undefined;
  const { onProgress, onAdvice } = report;
  const recipe = { epochs, batchSize, augment, validation, earlyStopping, reduceOnPlateau, target, stopOnRise };
  try {
    await fit(session, examples, { ...recipe, onProgress, onEpoch, onAdvice, signal });
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
  const texts = {
    'history.json': `${JSON.stringify(reports, null, 2)}\n`,
    'history.csv': historyCsv(reports),
    'curves.svg': learningCurves(reports),
  };
  for (const [name, text] of Object.entries(texts)) await writeAtomically(join(folder, name), [Buffer.from(text)]);
}

/** Trains, prints, saves `model.safetensors`, `history.json`, `history.csv` and `curves.svg` into the output folder. */
export async function train(options: TrainOptions): Promise<void> {
  const splits = await loadData(options.data, options.seed);
  const session = openSession(options, splits, await lengthOf(options, splits));
  if (options.resume) await session.load(options.resume);
  else if (options.init) {
    await session.run(rowsOf(splits.train.input, 0, 1));
    await reinitialize(session, made('init', initializerTable, options.init));
  }
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

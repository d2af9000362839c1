/** Which activation suits a model: the same training with each of them. */
import { expect, expectOptions } from '../graph/errors';
import type { Block } from '../layers';
import * as layers from '../layers';
import { crossEntropy } from '../losses';
import { accuracy } from '../metrics';
import { sgd, type Transform } from '../optimizers';
import type { Examples } from './evaluate';
import { epochs } from './fit';
import { Session } from './session';

/** Activations by name; each call makes a layer of its own. */
export type Activations = Readonly<Record<string, () => Block>>;

const usual: Activations = {
  sigmoid: layers.sigmoid,
  tanh: layers.tanh,
  relu: layers.relu,
  leakyRelu: layers.leakyRelu,
  prelu: layers.prelu,
  randomizedRelu: layers.randomizedRelu,
  elu: layers.elu,
};

export interface ActivationStudyOptions {
  /** Makes the model, with `activation()` wherever an activation stands. Its outputs are logits. */
  readonly model: (activation: () => Block) => Block;
  /** Inputs and class labels int32 [N]. */
  readonly train: Examples;
  readonly validation: Examples;
  /** Default sigmoid, tanh, relu, leakyRelu, prelu, randomizedRelu and elu. */
  readonly activations?: Activations;
  /** Makes the optimizer. Default SGD at 0.05 with momentum 0.9. */
  readonly optimizer?: () => Transform;
  /** Default 12. */
  readonly epochs?: number;
  /** Default 32. */
  readonly batchSize?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** What became of one activation. */
export interface ActivationResult {
  readonly name: string;
  /** Validation accuracy after each epoch. */
  readonly accuracy: readonly number[];
  readonly best: number;
  /** The mean slope that each PReLU layer has learned, by path. */
  readonly slopes: Readonly<Record<string, number>>;
}

/** What a study of activations found. */
export interface ActivationStudy {
  /** The best first. */
  readonly results: readonly ActivationResult[];
  /** The same as text, one line each. */
  readonly report: string;
}

const optionNames = ['model', 'train', 'validation', 'activations', 'optimizer', 'epochs', 'batchSize', 'seed'];

function slopesOf(session: Session): Record<string, number> {
  const slopes = session
    .declarations()
    .filter(({ path, role }) => role === 'parameter' && /prelu\d*\.slope$/.test(path));
  return Object.fromEntries(
    slopes.map(({ path }) => {
      const data = session.read(path).data as Float32Array;
      return [path, data.reduce((total, slope) => total + slope, 0) / data.length];
    }),
  );
}

const line = ({ name, accuracy: measured, best, slopes }: ActivationResult): string => {
  const learned = Object.entries(slopes).map(([path, slope]) => `${path} ${slope.toFixed(3)}`);
  const reached = measured.findIndex((value) => value >= 0.99 * best) + 1;
  return [name.padEnd(16), `best ${best.toFixed(4)}`, `within 1 % of it after ${reached} epochs`, ...learned].join(
    '  ',
  );
};

/**
 * Trains one model with each activation and tells how well and how soon. ReLU is the first to try; where units die, leaky,
 * learned or randomised slopes or ELU; sigmoid and tanh saturate, and deep networks of them learn slowly (Glorot et al.
 * 2011; Xu et al. 2015).
 *
 * @example
 * const { report } = await activationStudy({
 *   model: (activation) => sequential(flatten(), dense(64), activation(), dense(10)), train, validation,
 * });
 */
export async function activationStudy(options: ActivationStudyOptions): Promise<ActivationStudy> {
  expectOptions('activationStudy', options, optionNames);
  const { model, train, validation, activations = usual, seed = 0, batchSize = 32 } = options;
  const { optimizer = () => sgd({ rate: 0.05, momentum: 0.9 }) } = options;
  expect(Object.keys(activations).length > 0, 'OPTION', () => ({
    where: 'activationStudy',
    what: 'the activations',
    expected: 'one at least',
    actual: 'none',
  }));
  const results: ActivationResult[] = [];
  for (const [name, activation] of Object.entries(activations)) {
    const session = new Session(model(activation), {
      loss: crossEntropy(),
      metrics: { accuracy: accuracy() },
      optimizer: optimizer(),
      seed,
    });
    try {
      const measured: number[] = [];
      for await (const report of epochs(session, train, { epochs: options.epochs ?? 12, batchSize, validation })) {
        measured.push(report.validation?.accuracy as number);
      }
      results.push({ name, accuracy: measured, best: Math.max(...measured), slopes: slopesOf(session) });
    } finally {
      session.dispose();
    }
  }
  results.sort((a, b) => b.best - a.best);
  return { results, report: results.map(line).join('\n') };
}

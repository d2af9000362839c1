/** Which gates of an LSTM matter: the same training with all of them, and without each (Jozefowicz et al. 2015). */
import { expectOptions } from '../graph/errors';
import { type Block, dense, type Layer, lstm, sequential } from '../layers';
import { crossEntropy } from '../losses';
import { accuracy } from '../metrics';
import { adam } from '../optimizers';
import { type Examples, evaluate } from './evaluate';
import { fit } from './fit';
import { Session } from './session';

export interface GateAblationOptions {
  /** Sequences [N, T, F] and class labels int32 [N]. */
  readonly train: Examples;
  readonly validation: Examples;
  /** Number of classes. */
  readonly classes: number;
  /** H. Default 32. */
  readonly units?: number;
  /** What comes before the LSTM, e.g. an embedding. Default nothing. */
  readonly input?: () => Block;
  /** Default 10. */
  readonly epochs?: number;
  /** Default 32. */
  readonly batchSize?: number;
  /** Of Adam. Default 0.005. */
  readonly rate?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** What each gate of an LSTM was worth. */
export interface GateAblation {
  /** Validation accuracy of the LSTM with all gates, and of those in which one gate is always 1. */
  readonly accuracy: Readonly<Record<'all' | 'noInput' | 'noForget' | 'noOutput', number>>;
  /** The same as text, one line each, the worst last. */
  readonly report: string;
}

const optionNames = ['train', 'validation', 'classes', 'units', 'input', 'epochs', 'batchSize', 'rate', 'seed'];
const variants = ['all', 'noInput', 'noForget', 'noOutput'] as const;

/**
 * Trains four LSTM classifiers that differ in their gates alone and compares their accuracies. What is lost without a gate
 * is what it was worth: mostly the forget gate matters most, then the input gate, then the output gate.
 *
 * @example console.log((await gateAblation({ train, validation, classes: 10 })).report)
 */
export async function gateAblation(options: GateAblationOptions): Promise<GateAblation> {
  expectOptions('gateAblation', options, optionNames);
  const {
    train,
    validation,
    classes,
    units = 32,
    input,
    epochs = 10,
    batchSize = 32,
    rate = 0.005,
    seed = 0,
  } = options;
  const accuracyOf = async (recurrent: Layer): Promise<number> => {
    const model = sequential(...(input ? [input()] : []), recurrent, dense(classes));
    const metrics = { accuracy: accuracy() };
    const session = new Session(model, { loss: crossEntropy(), metrics, optimizer: adam({ rate }), seed });
    try {
      await fit(session, train, { epochs, batchSize });
      return (await evaluate(session, validation)).accuracy as number;
    } finally {
      session.dispose();
    }
  };
  const found: [(typeof variants)[number], number][] = [];
  for (const name of variants) {
    const without = name === 'all' ? {} : { [name]: true };
    found.push([name, await accuracyOf(lstm({ units, sequences: false, ...without }))]);
  }
  const lines = found.toSorted(([, a], [, b]) => b - a).map(([name, share]) => `${name.padEnd(8)} ${share.toFixed(4)}`);
  return { accuracy: Object.fromEntries(found) as GateAblation['accuracy'], report: lines.join('\n') };
}

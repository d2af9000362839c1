/** The degradation experiment: deeper plain networks train worse; with ways around their layers they do not (He et al. 2016). */

import { relu } from '../functions/activations';
import { expectChoice } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { constant, type Initializer, uniform } from '../initializers';
import { dense, flatten, type Layer, layer, residual, sequential } from '../layers';
import { crossEntropy } from '../losses';
import { accuracy } from '../metrics';
import { add, mul, sigmoid, sub } from '../ops/elementwise';
import { adam, sgd, type Transform } from '../optimizers';
import { type Examples, evaluate } from './evaluate';
import { fit } from './fit';
import { Session } from './session';

/** How the layers of a deep network are joined: one after the other, with the input added, or mixed with it by a gate. */
export type DepthKind = 'plain' | 'residual' | 'highway';

export interface DegradationOptions {
  readonly train: Examples;
  /** Number of classes. */
  readonly classes: number;
  /** Hidden layers. Default [4, 20]. */
  readonly depths?: readonly number[];
  /** Default all three. */
  readonly kinds?: readonly DepthKind[];
  /** Units of every hidden layer. Default 32. */
  readonly units?: number;
  /** Default 15. */
  readonly epochs?: number;
  /** Default 32. */
  readonly batchSize?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** What became of one network of the experiment. */
export interface DegradationResult {
  readonly kind: DepthKind;
  readonly depth: number;
  /** Of the training data, at the end. */
  readonly accuracy: number;
  readonly loss: number;
}

const kinds = ['plain', 'residual', 'highway'] as const;

/** Weights uniform within 1 / sqrt(inputs): a common start that is not chosen for depth. */
const weightInitializer: Initializer = (shape, key) => {
  const bound = 1 / Math.sqrt(shape[0] as number);
  return uniform({ low: -bound, high: bound })(shape, key);
};

/**
 * A hidden layer of each kind: relu(x W + b), alone, or mixed with x by a gate that begins nearly closed; or x + relu(x) W + b
 * (He et al. 2016, identity mappings).
 */
const hidden: Readonly<Record<DepthKind, (units: number) => Layer>> = {
  plain: (units) => dense(units, { weightInitializer, activation: relu }),
  residual: (units) => residual(sequential((x) => relu(x), dense(units, { weightInitializer }))),
  highway: (units) => {
    const change = dense(units, { weightInitializer, activation: relu });
    const gate = dense(units, { weightInitializer, biasInitializer: constant(-1), activation: sigmoid });
    return layer('highway', (x, scope) => {
      const t = gate(x, scope, 'gate');
      return add(mul(t, change(x, scope)), mul(sub(1, t), x));
    });
  },
};

const optimizers: Readonly<Record<DepthKind, () => Transform>> = {
  plain: () => sgd({ rate: 0.01, momentum: 0.9 }),
  residual: () => sgd({ rate: 0.01, momentum: 0.9 }),
  highway: () => adam({ rate: 0.003 }),
};

/**
 * Trains fully connected networks of growing depth: plain ones, ones whose layers add to their input, and ones whose layers
 * mix with it by a gate (Srivastava et al. 2015). A plain network of 20 layers does not even learn its training data, though
 * it could copy a shallower one: its layers cannot easily become the identity. The others begin near it.
 *
 * @example
 * const results = await degradation({ train: data.digitsSplit().train, classes: 10, depths: [2, 10, 20] });
 * for (const { kind, depth, accuracy } of results) console.log(kind, depth, accuracy);
 */
export async function degradation(options: DegradationOptions): Promise<readonly DegradationResult[]> {
  const where = 'degradation';
  expectOptions(where, options, ['train', 'classes', 'depths', 'kinds', 'units', 'epochs', 'batchSize', 'seed']);
  const { train, classes, depths = [4, 20], kinds: wanted = kinds, units = 32 } = options;
  const { epochs = 15, batchSize = 32, seed = 0 } = options;
  for (const depth of depths) expectWhole(where, 'every depth', depth, 1);
  for (const kind of wanted) expectChoice(where, 'every kind', kind, kinds);
  const results: DegradationResult[] = [];
  for (const kind of wanted) {
    for (const depth of depths) {
      const body = Array.from({ length: depth }, () => hidden[kind](units));
      const model = sequential(
        flatten(),
        dense(units, { weightInitializer, activation: relu }),
        ...body,
        dense(classes, { weightInitializer }),
      );
      const metrics = { accuracy: accuracy() };
      const session = new Session(model, { loss: crossEntropy(), metrics, optimizer: optimizers[kind](), seed });
      try {
        await fit(session, train, { epochs, batchSize });
        const { accuracy: share, loss } = await evaluate(session, train);
        results.push({ kind, depth, accuracy: share as number, loss: loss as number });
      } finally {
        session.dispose();
      }
    }
  }
  return results;
}

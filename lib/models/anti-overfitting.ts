/** One switchboard for what keeps a model from learning its training data by heart. */
import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { type Block, batchNorm, dropout, type Layer, sequential } from '../layers';
import { crossEntropy, type Loss } from '../losses';
import { chain, type Transform } from '../optimizers';
import { elasticNet, l1, l2, maxNorm, type Regularizer } from '../regularizers';
import type { Augment } from './batch-source';
import type { EarlyStoppingOptions } from './early-stopping';
import type { FitOptions } from './fit';

/** Each part is off unless it is given. */
export interface AntiOverfittingOptions {
  /** Stop when the validation data gets worse. */
  readonly earlyStopping?: EarlyStoppingOptions;
  /** More data: random changes of the training images. */
  readonly augment?: Augment;
  /** lambda of an l1 penalty on weights. */
  readonly l1?: number;
  /** lambda of an l2 penalty on weights. */
  readonly l2?: number;
  /** Probability of dropping behind every activation. */
  readonly dropout?: number;
  /** Batch normalisation before every activation. */
  readonly batchNorm?: boolean;
  /** The longest that a unit's weights may be. */
  readonly maxNorm?: number;
  /** Share of labels that are taken as drawn from all classes: the loss is the expected one. */
  readonly labelNoise?: number;
}

/** What the options switch on. */
export interface AntiOverfitting {
  /** The names of the parts that are on, in alphabetical order. */
  readonly parts: readonly string[];
  /** For the session; undefined without `l1` and `l2`. */
  readonly regularizer: Regularizer | undefined;
  /** The cross-entropy of labels, with their noise. */
  readonly loss: Loss;
  /** The optimizer with the constraint behind it. */
  readonly optimizer: (optimizer: Transform) => Transform;
  /** A layer with its activation, and what belongs before and behind it. */
  readonly block: (layer: Block, activation: Block) => Layer;
  /** For `fit`. */
  readonly fit: Pick<FitOptions, 'earlyStopping' | 'augment'>;
}

const optionNames = ['earlyStopping', 'augment', 'l1', 'l2', 'dropout', 'batchNorm', 'maxNorm', 'labelNoise'] as const;

/** Whether a part is on: false and 0 leave it off. */
const isOn = (value: unknown): boolean => value !== undefined && value !== false && value !== 0;

function penaltyOn({ l1: lambda1 = 0, l2: lambda2 = 0 }: AntiOverfittingOptions): Regularizer | undefined {
  const match = /weight$/;
  if (lambda1 && lambda2) return elasticNet({ lambda1, lambda2, match });
  if (lambda1) return l1({ lambda: lambda1, match });
  return lambda2 ? l2({ lambda: lambda2, match }) : undefined;
}

/**
 * Early stopping, augmentation, l1 and l2 penalties, dropout, batch normalisation, max-norm and label noise from one
 * object, each on just when it is named. With a share of noise e, a label is as good as drawn from all K classes with
 * probability e; the expected loss is that of the smoothed target (1 - e) * one-hot + e / K (Szegedy et al. 2016).
 *
 * @throws ConvoltError `OPTION` for an unknown part, `VALUE` for a number out of range
 * @example
 * const { block, loss, regularizer, optimizer, fit: rest } = antiOverfitting({ l2: 1e-4, dropout: 0.3, maxNorm: 3 });
 * const model = sequential(flatten(), block(dense(128), relu()), dense(10));
 * const session = new Session(model, { loss, regularizer, optimizer: optimizer(adam()) });
 * await fit(session, train, { validation, ...rest });
 */
export function antiOverfitting(options: AntiOverfittingOptions): AntiOverfitting {
  const where = 'antiOverfitting';
  expectOptions(where, options, optionNames);
  for (const name of ['l1', 'l2', 'maxNorm'] as const) expectNumber(where, name, options[name] ?? 0, { least: 0 });
  for (const name of ['dropout', 'labelNoise'] as const) {
    expectNumber(where, name, options[name] ?? 0, { least: 0, below: 1 });
  }
  expect(options.augment === undefined || typeof options.augment === 'function', 'OPTION', () => ({
    where,
    what: 'augment',
    expected: 'a function',
    actual: typeof options.augment,
  }));
  const { earlyStopping, augment, dropout: p = 0, maxNorm: c = 0, labelNoise = 0 } = options;
  return {
    parts: optionNames.filter((name) => isOn(options[name])).toSorted(),
    regularizer: penaltyOn(options),
    loss: crossEntropy({ labelSmoothing: labelNoise }),
    optimizer: (optimizer) => (c ? chain(optimizer, maxNorm({ c })) : optimizer),
    block: (layer, activation) =>
      sequential(layer, ...(options.batchNorm ? [batchNorm()] : []), activation, ...(p ? [dropout(p)] : [])),
    fit: { ...(earlyStopping && { earlyStopping }), ...(augment && { augment }) },
  };
}

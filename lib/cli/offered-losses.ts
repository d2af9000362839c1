/** Losses by name, and what a network must show for each of them. */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { Scope, Trace } from '../graph/scope';
import { isValue, type Value } from '../graph/value';
import { classWeights, dense } from '../layers';
import * as losses from '../losses';
import type { Criterion } from '../models';
import { oneHot } from '../ops/one-hot';
import { splitKey } from '../ops/random';
import { feed, state } from '../ops/source';
import { annealedMargin } from '../schedules';
import type { Options } from './named';
import { type Anything, answerOf, offered, type Table } from './tables';

/** The last layer of a network that shows more than logits. */
export type Head = (features: Value, scope: Scope) => Readonly<Record<string, Value>> & { readonly logits: Value };

/** A loss as the command line offers it. */
export interface OfferedLoss {
  readonly make: (options: Options, classes: number) => Criterion;
  /** Stands on the features of the network, for losses that read more than logits. */
  readonly head?: (classes: number, options: Options) => Head;
}

const probed = 3;

/** True when `criterion` gives one number per example of logits and `target`. */
function isCriterion(criterion: Criterion, target: Value): boolean {
  const trace = new Trace({ state, nextKey: splitKey }, true, state('key', [2], 'int32'));
  const result = criterion(feed('logits', [2, probed]), target, new Scope(trace));
  return isValue(result) && result.dtype === 'float32' && result.shape.join() === '2';
}

/** The loss of class labels by `make`: as it is, or of targets that are 1 for the right class and 0 for the others. */
function ofLabels(make: Anything): OfferedLoss | undefined {
  const labels = feed('labels', [2], 'int32');
  const direct = make as (options?: Options) => Criterion;
  if (answerOf(() => isCriterion(direct(), labels))) return { make: direct };
  const spread = (options?: Options): Criterion => {
    const criterion = direct(options);
    return (prediction, target, scope) =>
      criterion(prediction, oneHot(target as Value, (prediction as Value).shape.at(-1) as number), scope);
  };
  return answerOf(() => isCriterion(spread(), labels)) ? { make: spread } : undefined;
}

const annealing = ['base', 'gamma', 'power', 'least'];

/** A margin of angles, whose options may be those of the annealing. */
const ofAngles = (
  make: (options: losses.AngularMarginOptions) => unknown,
  normalize: 'none' | 'weight',
): OfferedLoss => ({
  make: (options) => {
    const isAnnealing = ([name]: [string, unknown]) => annealing.includes(name);
    const own = Object.fromEntries(Object.entries(options).filter((option) => !isAnnealing(option)));
    const given = Object.entries(options).filter(isAnnealing);
    const lambda = given.length ? { lambda: annealedMargin(Object.fromEntries(given)) } : {};
    return make({ ...own, ...lambda }) as Criterion;
  },
  head: (classes) => classWeights(classes, { normalize }),
});

type MakePart = (options: Options, classes: number) => losses.AnyLoss;

/** A loss on features that goes beside the cross-entropy of logits, with the option `weight`. */
const besideCrossEntropy = (name: string, usualWeight: number, make: MakePart): OfferedLoss => ({
  make: ({ weight = usualWeight, ...options }, classes) => {
    expectNumber(name, 'the weight', weight as number, { least: 0 });
    const part = { loss: make(options, classes), weight: weight as number, prediction: 'features' };
    return losses.composite({ logits: losses.crossEntropy(), [name]: part });
  },
  head: (classes) => {
    const last = dense(classes);
    return (features, scope) => ({ features, logits: last(features, scope, 'classes') });
  },
});

/** Of triplets: pairs would have to be of different classes, as the rows of a batch are not. */
const angularLoss: MakePart = (options) => {
  expectOptions('angularLoss', options, ['angle']);
  return losses.tripletsWithinBatch(losses.angularLoss(options));
};

/**
 * Losses by name: all that take logits and class labels, or one-hot targets, without more arguments; those with margins of
 * angles, which own the last layer; and those on features, beside the cross-entropy.
 */
export const lossTable: Table<OfferedLoss> = {
  ...offered(losses, (make) => ofLabels(make)),
  lSoftmax: ofAngles(losses.lSoftmax, 'none'),
  aSoftmax: ofAngles(losses.aSoftmax, 'weight'),
  amSoftmax: {
    make: (options) => losses.amSoftmax(options),
    head: (classes, { scale = 30 }) => classWeights(classes, { normalize: 'both', scale: scale as number }),
  },
  centerLoss: besideCrossEntropy('centerLoss', 0.01, (options, classes) => losses.centerLoss({ classes, ...options })),
  contrastive: besideCrossEntropy('contrastive', 0.1, (options) =>
    losses.pairsWithinBatch(losses.contrastive(options)),
  ),
  angularLoss: besideCrossEntropy('angularLoss', 0.1, angularLoss),
};

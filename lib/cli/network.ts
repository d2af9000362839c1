/** Networks as the command line offers them: by name, with other activations, normalisations, dropout and last layers. */
import { expectNumber } from '../functions/option-values';
import { expect } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Tensor } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import {
  activityPenalty,
  gaussianNoise,
  type Layer,
  type MakeBlock,
  replaceLayers,
  rescale,
  sequential,
} from '../layers';
import {
  binaryLenet,
  biRealResnet18,
  cnn,
  lenet,
  type Model,
  mlp,
  mobilenetV2,
  quicknet,
  resnet18,
  resnet20,
  vgg11,
} from '../models';
import { made, named, spelled } from './named';
import { activationTable, normTable } from './offered-layers';
import { type Head, lossTable } from './offered-losses';

/** What makes a network; a saved model tells all but dropout and what else trains only. */
export interface NetworkOptions {
  readonly model: string;
  /** In the place of every ReLU. */
  readonly activation?: string;
  /** In the place of batch normalisation; before every activation in a model that has none. */
  readonly norm?: string;
  /** Share of activations dropped. */
  readonly dropout?: number;
  /** Weight of a penalty on activations. */
  readonly activity?: number;
  /** Standard deviation of noise on what the network gives while it trains. */
  readonly noise?: number;
  /** It decides about the last layer. */
  readonly loss?: string;
  /** Width of what losses on features read. */
  readonly features?: number;
}

interface Offered {
  readonly make: (options: { classes: number; dropout?: number }) => Layer;
  /** The name of its activations; a model without any takes no other. */
  readonly activation?: 'relu' | 'relu6';
  readonly normalizes?: boolean;
}

const models: Readonly<Record<string, Offered>> = {
  binaryLenet: { make: binaryLenet, activation: 'relu', normalizes: true },
  biRealResnet18: { make: (options) => biRealResnet18({ ...options, form: 'cifar' }), normalizes: true },
  cnn: { make: cnn, activation: 'relu', normalizes: true },
  lenet: { make: lenet, activation: 'relu' },
  mlp: { make: (options) => mlp({ ...options, hidden: [256, 128] }), activation: 'relu' },
  mobilenetV2: {
    make: (options) => mobilenetV2({ ...options, form: 'cifar' }),
    activation: 'relu6',
    normalizes: true,
  },
  quicknet: {
    make: (options) => quicknet({ ...options, form: 'cifar', filters: [32, 64, 128], blocks: [2, 2, 2] }),
    activation: 'relu',
    normalizes: true,
  },
  resnet18: { make: (options) => resnet18({ ...options, form: 'cifar' }), activation: 'relu', normalizes: true },
  resnet20: { make: resnet20, activation: 'relu', normalizes: true },
  vgg11: {
    make: (options) => vgg11({ ...options, form: 'cifar', batchNorm: true }),
    activation: 'relu',
    normalizes: true,
  },
};

export const modelNames = Object.keys(models);

/** What stands in the place of the layers of a model. */
function replacements(
  { model, activation, norm, activity }: NetworkOptions,
  { activation: own, normalizes }: Offered,
): Readonly<Record<string, MakeBlock>> {
  const makeNorm = norm === undefined ? undefined : made('norm', normTable, norm);
  const makeActivation = activation === undefined ? undefined : made('activation', activationTable, activation);
  const isAround = activity !== undefined || (makeNorm && !normalizes);
  expect(own !== undefined || (activation === undefined && !isAround), 'OPTION', () => ({
    where: 'train',
    what: activation === undefined ? '--activity' : '--activation',
    expected: 'given for a model with activations',
    actual: `one for ${model}`,
  }));
  const around: MakeBlock = (original) =>
    sequential(
      ...(makeNorm && !normalizes ? [makeNorm()] : []),
      makeActivation ? makeActivation() : original,
      ...(activity === undefined ? [] : [activityPenalty(activity)]),
    );
  return {
    ...(own && (activation !== undefined || isAround) ? { [own]: around } : {}),
    ...(makeNorm && normalizes ? { batchNorm: makeNorm } : {}),
  };
}

/** The last layer that a loss asks for, if it asks for one. */
function headOf(loss: string | undefined, classes: number): Head | undefined {
  if (loss === undefined) return undefined;
  const { name, options } = spelled('loss', loss);
  return named('loss', lossTable, name).head?.(classes, options);
}

/** True when the network gives features beside its logits. */
export const showsFeatures = ({ loss }: Pick<NetworkOptions, 'loss'>): boolean => headOf(loss, 2) !== undefined;

/** A network for images of the dataset's element type: logits, or what its loss reads besides by name. */
export function makeModel(options: NetworkOptions, classes: number, input: Pick<Tensor, 'dtype'>): Model {
  const { model: name, dropout, noise, features = 64 } = options;
  const entry = named('model', models, name);
  if (dropout !== undefined) expectNumber('train', '--dropout', dropout, { least: 0, below: 1 });
  const head = headOf(options.loss, classes);
  const plain = entry.make({ classes: head ? features : classes, ...(dropout === undefined ? {} : { dropout }) });
  const makers = replacements(options, entry);
  const inner = Object.keys(makers).length ? replaceLayers(plain, makers) : plain;
  const trunk = sequential(
    ...(input.dtype === 'uint8' ? [rescale()] : []),
    inner,
    ...(noise === undefined ? [] : [gaussianNoise(noise)]),
  );
  return head ? (x: Value, scope: Scope) => head(trunk(x, scope), scope) : trunk;
}

/** The logits of a network alone, for predictions. */
export const logitsOf =
  (model: Model): Model =>
  (x: Value, scope: Scope) => {
    const output = model(x, scope);
    return isValue(output) ? output : (output.logits as Value);
  };

/** What the command line offers by name: datasets and models. */

import { cifar10, type Dataset, digitsSplit, fashionMnist, idxFolder, mnist, randomSplit } from '../data';
import { expect } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { type Layer, rescale, sequential } from '../layers';
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
import { named } from './named';

/** Training, validation and test data with the number of classes. */
export interface Splits {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
  readonly classes: number;
}

/** A share of the training data, set aside by the seed. */
function withValidation({ train, test }: { train: Dataset; test: Dataset }, seed: number, share = 1 / 12): Splits {
  const { first, second } = randomSplit(train, { share, seed });
  const classes = train.classes ?? 10;
  return { train: first, validation: second, test, classes };
}

export const dataNames = ['digits', 'mnist', 'fashion-mnist', 'cifar10', 'DIR_WITH_IDX'] as const;

/** Loads a dataset by name, or from a folder of IDX files. */
export async function loadData(name: string, seed: number): Promise<Splits> {
  if (name === 'digits') return { ...digitsSplit(), classes: 10 };
  if (name === 'mnist') return withValidation(await mnist(), seed);
  if (name === 'fashion-mnist') return withValidation(await fashionMnist(), seed);
  if (name === 'cifar10') return withValidation(await cifar10(), seed);
  return withValidation(await idxFolder(name), seed);
}

/** What a model may be told besides its classes. */
interface ModelOptions {
  /** Share of activations dropped; a model that drops none refuses it. */
  readonly dropout?: number;
}

type MakeModel = (classes: number, options?: ModelOptions) => Layer;

const models: Readonly<Record<string, MakeModel>> = {
  binaryLenet: (classes) => binaryLenet({ classes }),
  biRealResnet18: (classes) => biRealResnet18({ classes, form: 'cifar' }),
  cnn: (classes, options) => cnn({ classes, ...options }),
  lenet: (classes) => lenet({ classes }),
  mlp: (classes, options) => mlp({ classes, hidden: [256, 128], ...options }),
  mobilenetV2: (classes) => mobilenetV2({ classes, form: 'cifar' }),
  quicknet: (classes) => quicknet({ classes, form: 'cifar', filters: [32, 64, 128], blocks: [2, 2, 2] }),
  resnet18: (classes) => resnet18({ classes, form: 'cifar' }),
  resnet20: (classes) => resnet20({ classes }),
  vgg11: (classes) => vgg11({ classes, form: 'cifar', batchNorm: true }),
};

export const modelNames = Object.keys(models);

/** Models that drop activations. */
export const droppingModels = Object.keys(models).filter((name) => (models[name] as MakeModel).length > 1);

/** A network by name, for images of the dataset's element type. */
export function makeModel(
  name: string,
  classes: number,
  input: Pick<Tensor, 'dtype'>,
  options: ModelOptions = {},
): Model {
  const make = named('model', models, name);
  expect(options.dropout === undefined || droppingModels.includes(name), 'OPTION', () => ({
    where: 'train',
    what: '--dropout',
    expected: `given for one of ${droppingModels.join(', ')}`,
    actual: `one for ${name}`,
  }));
  const model = options.dropout === undefined ? make(classes) : make(classes, options);
  return input.dtype === 'uint8' ? sequential(rescale(), model) : model;
}

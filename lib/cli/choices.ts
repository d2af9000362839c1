/** What the command line offers by name: datasets, models, optimizers. */

import { cifar10, type Dataset, digitsSplit, fashionMnist, idxFolder, mnist, randomSplit } from '../data';
import { complaint } from '../graph/errors';
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
import { adam, sgd, type Transform } from '../optimizers';
import { cosine, type Rate } from '../schedules';

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

type MakeModel = (classes: number) => Layer;

const models: Readonly<Record<string, MakeModel>> = {
  binaryLenet: (classes) => binaryLenet({ classes }),
  biRealResnet18: (classes) => biRealResnet18({ classes, form: 'cifar' }),
  cnn: (classes) => cnn({ classes }),
  lenet: (classes) => lenet({ classes }),
  mlp: (classes) => mlp({ classes, hidden: [256, 128] }),
  mobilenetV2: (classes) => mobilenetV2({ classes, form: 'cifar' }),
  quicknet: (classes) => quicknet({ classes, form: 'cifar', filters: [32, 64, 128], blocks: [2, 2, 2] }),
  resnet18: (classes) => resnet18({ classes, form: 'cifar' }),
  resnet20: (classes) => resnet20({ classes }),
  vgg11: (classes) => vgg11({ classes, form: 'cifar', batchNorm: true }),
};

export const modelNames = Object.keys(models);

/** A network by name, for images of the dataset's element type. */
export function makeModel(name: string, classes: number, input: Pick<Tensor, 'dtype'>): Model {
  const make = models[name];
  if (!make)
    throw complaint('OPTION', {
      where: 'train',
      what: '--model',
      expected: `one of ${modelNames.join(', ')}`,
      actual: `'${name}'`,
    });
  return input.dtype === 'uint8' ? sequential(rescale(), make(classes)) : make(classes);
}

const optimizers: Readonly<Record<string, (rate: Rate) => Transform>> = {
  adam: (rate) => adam({ rate }),
  sgd: (rate) => sgd({ rate }),
  momentum: (rate) => sgd({ rate, momentum: 0.9 }),
};

export const optimizerNames = Object.keys(optimizers);

const schedules: Readonly<Record<string, (rate: number, steps: number) => Rate>> = {
  constant: (rate) => rate,
  cosine: (rate, steps) => cosine({ rate, steps }),
};

export const scheduleNames = Object.keys(schedules);

/** A learning rate by the name of its schedule: `cosine` falls to 0 over `steps` steps. */
export const makeRate = (name: string, rate: number, steps: number): Rate =>
  (schedules[name] as (rate: number, steps: number) => Rate)(rate, steps);

/** An optimizer by name. */
export function makeOptimizer(name: string, rate: Rate): Transform {
  const make = optimizers[name];
  if (!make)
    throw complaint('OPTION', {
      where: 'train',
      what: '--optimizer',
      expected: `one of ${optimizerNames.join(', ')}`,
      actual: `'${name}'`,
    });
  return make(rate);
}

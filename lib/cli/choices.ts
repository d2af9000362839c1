/** Datasets that the command line offers by name. */
import { cifar10, type Dataset, digitsSplit, fashionMnist, idxFolder, mnist, randomSplit } from '../data';

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

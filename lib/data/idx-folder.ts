/** Datasets in a folder of four IDX files, named as those of MNIST, gzipped or not. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { complaint, expect, expectOptions } from '../graph/errors';
import { showType, type Tensor } from '../graph/tensor';
import { expectFile, refused } from '../io/file';
import { readIdx } from '../io/idx';
import { type Dataset, dataset } from './dataset';

/** Data to learn from and data to be tested on. */
export interface TrainTest {
  readonly train: Dataset;
  readonly test: Dataset;
}

export interface IdxFolderOptions {
  /** Number of classes. Default: the highest label and one. */
  readonly classes?: number;
  /** For messages and descriptions. Default: the folder. */
  readonly name?: string;
}

const parts = { train: 'train', test: '(?:t10k|test)' } as const;

/** `train-images-idx3-ubyte.gz`, `train-images.idx3-ubyte`, `test-images.idx`, ... */
const fileForm = (part: keyof typeof parts, kind: 'images' | 'labels'): RegExp =>
  new RegExp(`^${parts[part]}-${kind}[-.]idx\\d?(?:-[a-z0-9]+)?(?:\\.gz)?$`);

async function readPart(folder: string, part: keyof typeof parts, files: readonly string[]): Promise<[Tensor, Tensor]> {
  const pathOf = (kind: 'images' | 'labels'): string => {
    const file = files.find((name) => fileForm(part, kind).test(name));
    const usual = `${part === 'train' ? 'train' : 't10k'}-${kind}-idx${kind === 'images' ? 3 : 1}-ubyte`;
    expectFile(file !== undefined, `idxFolder ${folder}`, usual, 'in the folder (.gz or not)', () => 'no such file');
    return join(folder, file);
  };
  const [images, labels] = await Promise.all([readIdx(pathOf('images')), readIdx(pathOf('labels'))]);
  return [withChannels(images, pathOf('images')), asLabels(labels, pathOf('labels'))];
}

/** Images [N, H, W] become [N, H, W, 1]; [N, H, W, C] stay. */
function withChannels(images: Tensor, where: string): Tensor {
  const { length: rank } = images.shape;
  const isImages = rank === 3 || rank === 4;
  expect(isImages, 'DATA', () => ({
    where,
    what: 'the images',
    expected: '[N, H, W] or [N, H, W, C]',
    actual: showType(images),
  }));
  return rank === 3 ? { ...images, shape: [...images.shape, 1] } : images;
}

function asLabels(labels: Tensor, where: string): Tensor {
  const isLabels = labels.shape.length === 1 && labels.dtype !== 'float32';
  expect(isLabels, 'DATA', () => ({
    where,
    what: 'the labels',
    expected: 'whole numbers [N]',
    actual: showType(labels),
  }));
  return { dtype: 'int32', shape: labels.shape, data: Int32Array.from(labels.data) };
}

/**
 * Reads `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`,
 * each gzipped (`.gz`) or not.
 *
 * @returns images uint8 [N, H, W, 1], or of the files' type and channels; labels int32 [N]
 * @throws ConvoltError `FILE` when the folder or a file is missing or damaged, `DATA` when images and labels do not fit
 *   together, `VALUE` for labels out of range
 */
export async function idxFolder(folder: string, options: IdxFolderOptions = {}): Promise<TrainTest> {
  expectOptions('idxFolder', options, ['classes', 'name']);
  const files = await readdir(folder).catch((cause) => {
    throw refused('idxFolder', folder, 'readable', cause);
  });
  const [train, test] = await Promise.all([readPart(folder, 'train', files), readPart(folder, 'test', files)]);
  const { name = folder, classes = 1 + highest([train[1], test[1]]) } = options;
  return {
    train: dataset(...train, { classes, name: `${name} train` }),
    test: dataset(...test, { classes, name: `${name} test` }),
  };
}

const highest = (labels: readonly Tensor[]): number =>
  labels.reduce((high, { data }) => (data as Int32Array).reduce((a, b) => Math.max(a, b), high), 0);

/** As `idxFolder`, for a known dataset: a folder that is missing is answered by `hint`, how to get the data. */
export async function knownFolder(name: string, folder: string | undefined, hint: string): Promise<TrainTest> {
  const files = folder === undefined ? [] : await readdir(folder).catch(() => []);
  if (folder === undefined || !files.some((file) => fileForm('train', 'images').test(file))) {
    const actual = folder === undefined ? 'nothing' : `no IDX files in '${folder}'`;
    throw complaint('FILE', { where: name, what: 'the data', expected: `there (${hint})`, actual });
  }
  return idxFolder(folder, { classes: 10, name });
}

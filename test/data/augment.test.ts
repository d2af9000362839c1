/** Flips and crops: exact pixels, uniform places, replay by key, and a complaint for every misuse. */
import { type Augmentation, compose, crop, flip, randomCrop, randomFlip } from '../../lib/data';
import { type DType, type Tensor, tensor } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, type Tensor64 } from '../../lib/reference';
import { refusal } from '../io/refusal';
import { runNative } from '../native-run';

const numbersOf = (value: Value): number[] => [...(evaluate([value]) as [Tensor64])[0].data];
const key = (first: number): Value => constant(tensor([first, 7], [2], 'int32'));
const of = (...shape: number[]): Value => feed('x', shape, 'uint8');

/** Two images [2, 3, 2] whose pixels all differ. */
const images = (dtype: DType = 'uint8'): Tensor =>
  tensor(
    Array.from({ length: 24 }, (_, i) => i),
    [2, 2, 3, 2],
    dtype,
  );

const bools = (...values: number[]): Value => constant(tensor(values, [values.length], 'bool'));
const corners = (...values: number[]): Value => constant(tensor(values, [values.length / 2, 2], 'int32'));

describe('flip', () => {
  test.each(['uint8', 'float32'] as const)('mirrors the chosen images (%s)', (dtype) => {
    const x = constant(images(dtype));
    const mirrored = [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7];
    const second = images().data.slice(12);
    expect(numbersOf(flip(x, bools(1, 0)))).toEqual([...mirrored, ...second]);
    expect(flip(x, bools(1, 0)).dtype).toBe(dtype);
    const upsideDown = flip(x, bools(1, 0), { direction: 'vertical' });
    expect(numbersOf(upsideDown)).toEqual([6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, ...second]);
  });

  test('twice is the identity', () => {
    for (const direction of ['horizontal', 'vertical'] as const) {
      const both = flip(flip(constant(images()), bools(1, 1), { direction }), bools(1, 1), { direction });
      expect(numbersOf(both)).toEqual([...images().data]);
    }
  });
});

test('crop cuts each window at its own corner', () => {
  const x = tensor(
    Array.from({ length: 32 }, (_, i) => i),
    [2, 4, 4, 1],
    'uint8',
  );
  const cut = crop(constant(x), corners(1, 0, 2, 1), [2, 3]);
  expect(cut).toMatchObject({ shape: [2, 2, 3, 1], dtype: 'uint8' });
  expect(numbersOf(cut)).toEqual([4, 5, 6, 8, 9, 10, 25, 26, 27, 29, 30, 31]);
});

describe('randomFlip', () => {
  test('of no and of every image', () => {
    const x = constant(images());
    expect(numbersOf(randomFlip({ probability: 0 })(x, key(1)))).toEqual([...images().data]);
    expect(numbersOf(randomFlip({ probability: 1 })(x, key(1)))).toEqual(numbersOf(flip(x, bools(1, 1))));
  });

  test('of about half of 10,000', () => {
    const rows = constant({
      dtype: 'uint8',
      shape: [10_000, 1, 2, 1],
      data: new Uint8Array(20_000).map((_, i) => i % 2),
    });
    const flipped = numbersOf(randomFlip()(rows, key(3))).filter((value, i) => i % 2 === 0 && value === 1).length;
    expect(Math.abs(flipped - 5000)).toBeLessThan(4 * 50);
  });
});

describe('randomCrop', () => {
  /** Pixel (i, j) holds 1 + its number, so that a window tells where it was cut; 0 is the border. */
  const numbered = (count: number, side: number): Value =>
    constant({
      dtype: 'float32',
      shape: [count, side, side, 1],
      data: Float32Array.from({ length: count * side * side }, (_, i) => 1 + (i % (side * side))),
    });

  test('places are uniform (chi squared, p > 0.001)', () => {
    const cut = numbersOf(randomCrop({ size: 2 })(numbered(10_000, 4), key(5)));
    const counts = new Map<number, number>();
    for (let i = 0; i < cut.length; i += 4) counts.set(cut[i] as number, 1 + (counts.get(cut[i] as number) ?? 0));
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 5, 6, 7, 9, 10, 11]);
    const expected = 10_000 / 9;
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(26.12);
  });

  test('with padding: the image shifted by up to so much, zeros around', () => {
    const cut = randomCrop({ padding: 1 })(numbered(200, 3), key(6));
    expect(cut.shape).toEqual([200, 3, 3, 1]);
    const numbers = numbersOf(cut);
    const seen = new Set<string>();
    for (let n = 0; n < 200; n++) {
      const window = numbers.slice(9 * n, 9 * n + 9);
      const middle = (window[4] as number) - 1;
      const [down, right] = [Math.floor(middle / 3) - 1, (middle % 3) - 1];
      const shifted = Array.from({ length: 9 }, (_, at) => {
        const [i, j] = [Math.floor(at / 3) + down, (at % 3) + right];
        return i >= 0 && i < 3 && j >= 0 && j < 3 ? 1 + 3 * i + j : 0;
      });
      expect(window).toEqual(shifted);
      seen.add(`${down} ${right}`);
    }
    expect(seen.size).toBe(9);
  });

  test('of the whole image is the identity', () => {
    expect(numbersOf(randomCrop()(constant(images()), key(1)))).toEqual([...images().data]);
  });
});

describe('composition', () => {
  const recipe = compose(randomCrop({ padding: 2 }), randomFlip());
  const x = constant(
    tensor(
      Array.from({ length: 600 }, (_, i) => (i * 7) % 256),
      [10, 5, 4, 3],
      'uint8',
    ),
  );

  test('is replayed by an equal key, and differs under another', () => {
    expect(numbersOf(recipe(x, key(1)))).toEqual(numbersOf(recipe(x, key(1))));
    expect(numbersOf(recipe(x, key(1)))).not.toEqual(numbersOf(recipe(x, key(2))));
  });

  test('parts draw independently', () => {
    const twice = compose(randomFlip(), randomFlip())(x, key(1));
    expect(numbersOf(twice)).not.toEqual([...(evaluate([x]) as [Tensor64])[0].data]);
  });

  test('native numbers are those of the reference', async () => {
    const [native] = (await runNative([recipe(x, key(9))], {})) as [Tensor];
    expect(native.dtype).toBe('uint8');
    expect([...native.data]).toEqual(numbersOf(recipe(x, key(9))));
  });
});

const draw = (augmentation: Augmentation, x: Value) => () => augmentation(x, key(1));

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  ['flip of no images', () => flip(of(2, 3), bools(1, 1)), refusal('SHAPE', 'flip', '[N, H, W, C]')],
  ['flip by numbers', () => flip(of(2, 3, 3, 1), corners(1, 1)), refusal('DTYPE', 'flipped to be bool')],
  ['flip of others', () => flip(of(2, 3, 3, 1), bools(1)), refusal('SHAPE', 'flipped', '[2], for every image', '[1]')],
  [
    'a direction',
    () => flip(of(1, 3, 3, 1), bools(1), { direction: 'left' as never }),
    refusal('OPTION', 'the direction', 'horizontal, vertical', "'left'"),
  ],
  ['an option of flip', () => flip(of(1, 3, 3, 1), bools(1), { axis: 1 } as never), refusal('OPTION', "'axis'")],
  ['crop of no images', () => crop(of(2, 3), corners(0, 0, 0, 0), 1), refusal('SHAPE', 'crop', '[N, H, W, C]')],
  ['crop by floats', () => crop(of(1, 3, 3, 1), constant([[0, 0]]), 1), refusal('DTYPE', 'the corners to be int32')],
  ['corners of others', () => crop(of(1, 3, 3, 1), corners(0, 0, 0, 0), 1), refusal('SHAPE', 'the corners', '[1, 2]')],
  [
    'a large window',
    () => crop(of(1, 3, 3, 1), corners(0, 0), [3, 4]),
    refusal('SHAPE', 'the size', 'at most that of the images, [3, 3]', '[3, 4]'),
  ],
  ['no window', () => crop(of(1, 3, 3, 1), corners(0, 0), 0), refusal('VALUE', 'the size')],
  [
    'a batch of many pixels',
    () => crop(of(1, 8192, 4096, 1), corners(0, 0), 5),
    refusal('SHAPE', 'crop: expected the batch to be at most 16777216 pixels but got uint8[1, 8192, 4096, 1]'),
  ],
  ['a probability', () => randomFlip({ probability: 1.5 }), refusal('VALUE', 'randomFlip', 'at most 1', '1.5')],
  ['a direction of randomFlip', () => randomFlip({ direction: 'up' as never }), refusal('OPTION', "'up'")],
  ['an option of randomFlip', () => randomFlip({ p: 1 } as never), refusal('OPTION', "'p'")],
  ['randomFlip of no images', draw(randomFlip(), of(2, 3)), refusal('SHAPE', 'randomFlip', '[N, H, W, C]')],
  ['a size', () => randomCrop({ size: [1, 0] }), refusal('VALUE', 'the size')],
  ['a padding', () => randomCrop({ padding: -1 }), refusal('VALUE', 'the padding')],
  ['an option of randomCrop', () => randomCrop({ pad: 1 } as never), refusal('OPTION', "'pad'")],
  ['randomCrop of no images', draw(randomCrop(), of(2, 3)), refusal('SHAPE', 'randomCrop', '[N, H, W, C]')],
  [
    'randomCrop beyond',
    draw(randomCrop({ size: 6, padding: 1 }), of(1, 3, 3, 1)),
    refusal('SHAPE', '[5, 5]', '[6, 6]'),
  ],
];

test.each(bad)('refused: %s', (_, call, error) => expect(call).toThrow(error));

test('a window beyond the batch is noticed when the program runs', async () => {
  const cut = crop(constant(images()), corners(0, 0, 1, 1), [2, 3]);
  await expect(runNative([cut], {})).rejects.toThrow(refusal('VALUE', 'gather', 'between 0 and 11'));
});

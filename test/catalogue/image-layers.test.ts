/** Chapter L: layers that look at images in other ways, by printed numbers and identities. */
import { layers, Session, tensor } from '../../lib';
import { gradients } from '../../lib/compiler/differentiate';
import {
  channelShuffle,
  deformableConv2d,
  filterImages,
  gabor,
  laplacian,
  prewitt,
  resize,
  sobel,
} from '../../lib/functions';
import { hostNormal } from '../../lib/graph/philox';
import type { Value } from '../../lib/graph/value';
import { conv2d } from '../../lib/ops/conv2d';
import { add, broadcastTo, maximum, mul, round } from '../../lib/ops/elementwise';
import { randomNormal, splitKey } from '../../lib/ops/random';
import { sum } from '../../lib/ops/reduce';
import { slice } from '../../lib/ops/slice';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, tensor64 } from '../../lib/reference';
import { gradientError } from '../../lib/reference/gradient-check';
import { expectClose, expectHand, F32, F32G, F64 } from '../closeness';
import { refusal } from '../io/refusal';
import { runNative } from '../native-run';
import { initialNumbers, key, traced } from '../pure/tracing';
import { image, numbers } from './numbers';

const drawn = (stream: number, ...shape: number[]): Value => randomNormal(splitKey(key, stream), shape);
const full = (value: number, ...shape: number[]): Value => broadcastTo(constant(value), shape);

function expectEqual(actual: Value, expected: Value): void {
  const [a, b] = evaluate([actual, expected]);
  expectClose(a as never, b as never, F64);
}

describe('L-13 deformable convolution', () => {
  const x = drawn(1, 2, 6, 7, 4);
  const w = drawn(2, 3, 3, 4, 5);

  test.each([
    ['plain', {}],
    ['strided, padded, dilated', { stride: [2, 1] as const, padding: [1, 2] as const, dilation: [1, 2] as const }],
    ['same', { padding: 'same' as const }],
  ])('offsets of 0 make it a convolution: %s', async (_, options) => {
    const plain = conv2d(x, w, options);
    const [n, height, width] = plain.shape as [number, number, number];
    const deformed = deformableConv2d(x, full(0, n, height, width, 18), w, options);
    expectEqual(deformed, plain);
    const [a, b] = await runNative([deformed, plain], {});
    expectClose(a as never, b as never, F32);
  });

  test('offsets of (0, 1) see the image shifted by a pixel, exactly', () => {
    const right = broadcastTo(constant(Float32Array.from({ length: 18 }, (_, i) => i % 2)), [2, 4, 5, 18]);
    const whole = broadcastTo(mul(round(mul(w, 8)), 1 / 8), w.shape); // sums of few bits are exact in any order
    const deformed = deformableConv2d(round(mul(x, 8)), right, whole);
    const inside = slice(deformed, { begin: [0, 0, 0, 0], size: [2, 4, 4, 5] }); // the last column looks beyond the image
    const shifted = slice(round(mul(x, 8)), { begin: [0, 0, 1, 0], size: [2, 6, 6, 4] });
    const [a, b] = evaluate([inside, conv2d(shifted, whole)]);
    expect(a?.data).toEqual(b?.data);
  });

  test('groups of channels move by offsets of their own', () => {
    const offsets = drawn(3, 2, 4, 5, 36);
    const part = (value: Value, axis: number, i: number, size: number) =>
      slice(value, {
        begin: value.shape.map((_, other) => (other === axis ? i * size : 0)),
        size: value.shape.map((length, other) => (other === axis ? size : length)),
      });
    const apart = [0, 1].map((i) => deformableConv2d(part(x, 3, i, 2), part(offsets, 3, i, 18), part(w, 2, i, 2)));
    expectEqual(deformableConv2d(x, offsets, w, { offsetGroups: 2 }), add(apart[0] as Value, apart[1] as Value));
  });

  test('gradients of image, offsets and weights agree with finite differences away from pixels', () => {
    const inputs = [feed('x', [1, 4, 4, 2]), feed('offsets', [1, 3, 3, 8]), feed('w', [2, 2, 2, 2])] as const;
    const waves = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(3 * i + 1));
    const feeds = new Map([
      ['x', tensor64(waves(32), [1, 4, 4, 2])],
      [
        'offsets',
        tensor64(
          waves(72).map((wave) => Math.round(wave) + 0.5 + 0.4 * wave),
          [1, 3, 3, 8],
        ),
      ],
      ['w', tensor64(waves(16), [2, 2, 2, 2])],
    ]);
    const y = deformableConv2d(...inputs);
    expect(gradientError(sum(mul(y, drawn(4, ...y.shape))), [...inputs], feeds)).toBeLessThanOrEqual(1e-6);
  });

  test('natively all gradients are those of the reference', async () => {
    const [image, weight] = [drawn(5, 2, 6, 7, 4), drawn(6, 3, 3, 4, 5)];
    const offsets = mul(drawn(7, 2, 6, 7, 36), 2); // many of them lead out of the image
    const y = deformableConv2d(image, offsets, weight, { padding: 1, offsetGroups: 2 });
    const slopes = gradients(sum(mul(y, drawn(8, ...y.shape))), [image, offsets, weight]);
    const computed = await runNative(slopes, {});
    evaluate(slopes).forEach((expected, i) => {
      expectClose(computed[i] as never, expected as never, F32G);
    });
  });

  test('the layer begins as a plain convolution', () => {
    const { y, shapes, trace } = traced(layers.deformableConv2d(3, 3, { padding: 1, offsetGroups: 2 }), x);
    expect(shapes).toEqual({
      'deformableConv2d.weight': [3, 3, 4, 3],
      'deformableConv2d.offset.weight': [3, 3, 4, 36],
      'deformableConv2d.offset.bias': [36],
      'deformableConv2d.bias': [3],
    });
    const plain = traced(layers.conv2d(3, 3, { padding: 1 }), x);
    const states = initialNumbers(trace);
    const same = initialNumbers(plain.trace);
    same.set('conv2d.weight', states.get('deformableConv2d.weight') as never);
    expectClose({ shape: y.shape, data: numbers(y, states) }, { shape: y.shape, data: numbers(plain.y, same) }, F64);
  });

  test('what it refuses', () => {
    const offsets = full(0, 2, 4, 5, 18);
    expect(() => deformableConv2d(x, offsets, drawn(1, 3, 3, 2, 5))).toThrow(refusal('SHAPE', 'the channels'));
    expect(() => deformableConv2d(x, full(0, 2, 4, 5, 17), w)).toThrow(
      refusal('SHAPE', 'the offsets', '[2, 4, 5, 18]'),
    );
    expect(() =>
      deformableConv2d(feed('x', [2, 8192, 8192, 1]), feed('o', [2, 8192, 8192, 2]), feed('w', [1, 1, 1, 1])),
    ).toThrow(refusal('SHAPE', 'pixels times offset groups', 'at most 16777216'));
    expect(() => layers.deformableConv2d(3, 3, { groups: 2 } as never)).toThrow(refusal('OPTION', "'groups'"));
    expect(() => layers.deformableConv2d(3, 3, { offsetGroups: 0 })).toThrow(refusal('VALUE', 'offsetGroups'));
  });
});

describe('L-18 fully connected layers as convolutions', () => {
  const { dense, flatten, relu, sequential, slidingDense } = layers;

  test('7 x 7 x 512 to 4096 is a bank of as many weights', () => {
    const { y, shapes } = traced(slidingDense(4096, 7, { bias: false }), [1, 7, 7, 512]);
    expect(y.shape).toEqual([1, 1, 1, 4096]);
    expect(shapes).toEqual({ 'dense.weight': [25088, 4096] });
    expect(7 * 7 * 512 * 4096).toBe(102_760_448);
    const filters = y.node.inputs[1]?.shape;
    expect(filters).toEqual([7, 7, 512, 4096]);
  });

  test('with the weights of a classifier it scores every place of a larger image', async () => {
    const classifier = new Session(sequential(flatten(), dense(64), relu(), dense(10)), { seed: 5 });
    const sliding = new Session(sequential(slidingDense(64, 7), relu(), slidingDense(10)), { seed: 6 });
    const large = tensor(hostNormal([4, 5], 2 * 14 * 14 * 3), [2, 14, 14, 3]);
    const crop = tensor(
      Float32Array.from({ length: 2 * 7 * 7 * 3 }, (_, i) => {
        const [n, y, rest] = [Math.floor(i / 147), Math.floor((i % 147) / 21), i % 21];
        return large.data[n * 588 + y * 42 + rest] as number;
      }),
      [2, 7, 7, 3],
    );
    const scores = await classifier.run(crop);
    await sliding.run(crop);
    for (const { path } of classifier.declarations()) sliding.write(path, classifier.read(path));
    const same = await sliding.run(crop);
    expect(same.shape).toEqual([2, 1, 1, 10]);
    expectClose({ shape: [20], data: same.data }, { shape: [20], data: scores.data }, F32);
    const map = await sliding.run(large);
    expect(map.shape).toEqual([2, 8, 8, 10]);
    const corner = [0, 1].flatMap((n) => [...map.data.subarray(n * 640, n * 640 + 10)]);
    expectClose({ shape: [20], data: corner }, { shape: [20], data: scores.data }, F32);
    classifier.dispose();
    sliding.dispose();
  });

  test('what it refuses', () => {
    expect(() => slidingDense(0)).toThrow(refusal('VALUE', 'slidingDense: expected the number of units'));
    expect(() => traced(slidingDense(3, 7), [1, 4, 4, 2])).toThrow(refusal('SHAPE', 'the window'));
    expect(() => traced(slidingDense(3), [4, 2])).toThrow(refusal('SHAPE', '[N, H, W, C]'));
  });
});

describe('L-19 mlpconv', () => {
  test('is its three convolutions', () => {
    const x = drawn(1, 2, 8, 8, 3);
    const { y, shapes, trace } = traced(layers.mlpconv([6, 5, 4], 5, { padding: 2 }), x);
    expect(Object.keys(shapes)).toHaveLength(6);
    const states = initialNumbers(trace);
    const weight = (name: string) =>
      constant({
        dtype: 'float32',
        shape: shapes[`mlpconv.${name}`] as number[],
        data: Float32Array.from(states.get(`mlpconv.${name}`)?.data ?? []),
      });
    const steps = [2, 0, 0].reduce(
      (value: Value, padding, i) => maximum(conv2d(value, weight(`conv2d${i ? i + 1 : ''}.weight`), { padding }), 0),
      x,
    );
    expectClose({ shape: y.shape, data: numbers(y, states) }, { shape: y.shape, data: numbers(steps) }, F32);
  });

  test('the first block for CIFAR has 14,592 + 30,880 + 15,456 parameters', () => {
    const { shapes } = traced(layers.mlpconv([192, 160, 96], 5, { padding: 2 }), [1, 32, 32, 3]);
    const sizes = Object.values(shapes).map((shape) => shape.reduce((a, b) => a * b));
    expect([0, 2, 4].map((i) => (sizes[i] as number) + (sizes[i + 1] as number))).toEqual([14_592, 30_880, 15_456]);
  });

  test('what it refuses', () => {
    expect(() => layers.mlpconv([1, 2] as never, 3)).toThrow(
      refusal('VALUE', 'mlpconv: expected the filters to be three numbers'),
    );
    expect(() => layers.mlpconv([1, 2, 3], 3, { groups: 2 } as never)).toThrow(refusal('OPTION', "'groups'"));
  });
});

describe('L-21 channel shuffle', () => {
  const channels = constant([0, 1, 2, 3, 4, 5]);

  test('6 channels in 2 and in 3 groups', () => {
    expect(numbers(channelShuffle(channels, 2))).toEqual([0, 3, 1, 4, 2, 5]);
    expect(numbers(channelShuffle(channels, 3))).toEqual([0, 2, 4, 1, 3, 5]);
  });

  test('by g and then by C / g it is the identity', () => {
    const x = drawn(1, 2, 3, 12);
    for (const g of [1, 2, 3, 4, 6, 12])
      expect(numbers(channelShuffle(channelShuffle(x, g), 12 / g))).toEqual(numbers(x));
  });

  test('what it refuses', () => {
    expect(() => channelShuffle(channels, 4)).toThrow(refusal('SHAPE', 'a multiple of 4 groups'));
    expect(() => layers.channelShuffle(0)).toThrow(refusal('VALUE', 'channelShuffle: expected groups'));
  });
});

describe('L-22 resize', () => {
  test('twice as large by linear interpolation', () => {
    const rows = numbers(resize(image(2, 2), 4));
    expectHand(rows.slice(0, 8), [1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5]);
  });

  test('layers: to a size, or by a factor', () => {
    expect(traced(layers.resize([3, 5]), [2, 4, 4, 1]).y.shape).toEqual([2, 3, 5, 1]);
    const twice = traced(layers.upsample(2, { method: 'nearest' }), image(1, 2)).y;
    expect(numbers(twice)).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  });

  test('what it refuses', () => {
    expect(() => resize(image(2, 2), 0)).toThrow(refusal('VALUE', 'resize: expected the size'));
    expect(() => layers.resize(2, { method: 'cubic' as never })).toThrow(refusal('OPTION', "'cubic'"));
    expect(() => layers.upsample(1.5)).toThrow(refusal('VALUE', 'the factor'));
    expect(() => traced(layers.upsample(), [2, 3])).toThrow(refusal('SHAPE', '[N, H, W, C]'));
    expect(() => resize(constant([1]), 2)).toThrow(refusal('SHAPE', '[N, H, W, C]'));
  });
});

test('L-24 taps give what a second run of the model up to there gives', async () => {
  const { dense, relu, sequential, tap } = layers;
  const body = sequential(dense(6), relu());
  const whole = new Session(sequential(body, tap('features'), dense(3)), { seed: 2 });
  const part = new Session(sequential(dense(6), relu()), { seed: 2 });
  const x = tensor(hostNormal([1, 1], 20), [5, 4]);
  const { features } = await whole.run(x, { fetch: ['features'] });
  expect(features?.data).toEqual((await part.run(x)).data);
  whole.dispose();
  part.dispose();
});

describe('L-25 pattern filters', () => {
  const step = constant({
    dtype: 'float32',
    shape: [1, 5, 6, 1],
    data: Float32Array.from({ length: 30 }, (_, i) => Number(i % 6 >= 3)),
  });

  test('Sobel x answers 4 at the columns of a vertical step, Sobel y nothing', () => {
    expect(numbers(filterImages(step, sobel()))).toEqual([0, 4, 4, 0, 0, 4, 4, 0, 0, 4, 4, 0]);
    expect(numbers(filterImages(step, sobel(Math.PI / 2))).every((y) => y === 0)).toBe(true);
  });

  test('the Laplacian of a constant is 0', () => {
    for (const diagonals of [false, true]) {
      expect(
        numbers(filterImages(full(0.7, 1, 5, 5, 2), laplacian({ diagonals }))).every((y) => Math.abs(y) < 1e-15),
      ).toBe(true);
    }
  });

  test('their numbers', () => {
    expect([...sobel().data]).toEqual([-1, 0, 1, -2, 0, 2, -1, 0, 1]);
    expect([...sobel(Math.PI / 2).data]).toEqual([-1, -2, -1, 0, 0, 0, 1, 2, 1]);
    expect([...prewitt().data]).toEqual([-1, 0, 1, -1, 0, 1, -1, 0, 1]);
    expect([...laplacian().data]).toEqual([0, 1, 0, 1, -4, 1, 0, 1, 0]);
    expect([...laplacian({ diagonals: true }).data]).toEqual([1, 1, 1, 1, -8, 1, 1, 1, 1]);
  });

  test('a Gabor filter answers to stripes of its own angle and width', () => {
    const stripes = constant({
      dtype: 'float32',
      shape: [1, 21, 21, 1],
      data: Float32Array.from({ length: 441 }, (_, i) => Math.cos((Math.PI / 2) * (i % 21))),
    });
    const strength = (orientation: number) =>
      Math.max(...numbers(filterImages(stripes, gabor({ orientation, wavelength: 4 }))).map(Math.abs));
    expect(gabor().shape).toEqual([13, 13]);
    expect(gabor().data[84]).toBe(1); // the middle
    expect(strength(0)).toBeGreaterThan(20 * strength(Math.PI / 2));
    expectHand(
      [gabor({ orientation: 0.3, wavelength: 5, deviation: 2, aspect: 0.7, phase: 0.4, size: 3 }).data[0] as number],
      [gaborOf(-1, -1)],
    );
  });

  test('what they refuse', () => {
    expect(() => gabor({ wavelength: 0 })).toThrow(refusal('VALUE', 'gabor: expected wavelength'));
    expect(() => laplacian({ corners: true } as never)).toThrow(refusal('OPTION', "'corners'"));
    expect(() => sobel(Number.NaN)).toThrow(refusal('VALUE', 'sobel: expected the angle'));
    expect(() => filterImages(step, tensor([1, 2]))).toThrow(refusal('SHAPE', '[kh, kw]'));
  });
});

/** The formula with theta 0.3, lambda 5, sigma 2, gamma 0.7, psi 0.4. */
function gaborOf(x: number, y: number): number {
  const across = x * Math.cos(0.3) + y * Math.sin(0.3);
  const along = -x * Math.sin(0.3) + y * Math.cos(0.3);
  return Math.exp(-(across ** 2 + 0.49 * along ** 2) / 8) * Math.cos((2 * Math.PI * across) / 5 + 0.4);
}

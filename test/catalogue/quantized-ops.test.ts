/** K-13 and the codes of Q-26: sums of products of bytes are exact, bytes are rounded once, bad operands are refused. */
import { type DType, type Shape, type Tensor, tensor } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import {
  constant,
  dequantizeLinear,
  feed,
  mapBytes,
  maxPool,
  quantizedAdd,
  quantizedAveragePool,
  quantizedConv2d,
  quantizedMatmul,
  quantizeLinear,
  requantize,
} from '../../lib/ops';
import { runNative } from '../native-run';

const bytes = (values: readonly number[], shape: Shape = [values.length]): Value =>
  constant(tensor(Uint8Array.from(values), shape));

const numbersOf = async (...values: Value[]): Promise<number[][]> =>
  (await runNative(values, {})).map(({ data }) => Array.from(data));

describe('K-13: int8 products', () => {
  test.each([
    [255, -128],
    [255, 127],
    [128, -128],
    [1, 127],
  ])('no sum saturates: 1024 products of %d and %d', async (byte, weight) => {
    const depth = 1024;
    const product = quantizedMatmul(
      constant(tensor(new Uint8Array(3 * depth).fill(byte), [3, depth])),
      constant(tensor(new Int8Array(5 * depth).fill(weight), [depth, 5])),
      constant(new Int32Array(5)),
      constant(new Float32Array(5).fill(1)),
    );
    const [sums] = await numbersOf(product);
    expect(sums).toEqual(Array(15).fill(byte * weight * depth));
  });

  test('the zero point of the input is taken off every byte, padding counts as it', async () => {
    const x = bytes([10, 11, 12, 13], [1, 2, 2, 1]);
    const ones = constant(tensor(new Int8Array(9).fill(1), [3, 3, 1, 1]));
    const [sums] = await numbersOf(
      quantizedConv2d(x, ones, constant(Int32Array.of(100)), constant(Float32Array.of(1)), {
        padding: 'same',
        inputZero: 10,
      }),
    );
    expect(sums).toEqual([106, 106, 106, 106]);
  });
});

describe('Q-26: affine quantization', () => {
  test('range -1 to 3: scale 0.015686, zero point 64', async () => {
    const x = constant([-1, 0, 1, 3]);
    const quantization = { scale: 4 / 255, zeroPoint: 64 };
    const [codes, back] = await numbersOf(
      quantizeLinear(x, quantization),
      dequantizeLinear(quantizeLinear(x, quantization), quantization),
    );
    expect(codes).toEqual([0, 64, 128, 255]);
    for (const [i, value] of [-1, 0, 1, 3].entries()) {
      expect(Math.abs((back?.[i] as number) - value)).toBeLessThanOrEqual(0.5 * quantization.scale + 1e-6);
    }
  });

  test('integer forward equals simulated quantization', async () => {
    const [inScale, outScale] = [0.02, 0.05];
    const x = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
    const w = Int8Array.from({ length: 80 }, (_, i) => ((i * 37) % 127) - 63);
    const weightScale = 0.01;
    const input = quantizeLinear(constant(tensor(x, [5, 8])), { scale: inScale, zeroPoint: 100 });
    const y = quantizedMatmul(
      input,
      constant(tensor(w, [8, 10])),
      constant(new Int32Array(10)),
      constant(new Float32Array(10).fill((inScale * weightScale) / outScale)),
      { inputZero: 100, output: { zero: 128 } },
    );
    const [codes, results] = (await numbersOf(input, y)) as [number[], number[]];
    results.forEach((byte, at) => {
      const [row, column] = [Math.floor(at / 10), at % 10];
      let sum = 0;
      for (let k = 0; k < 8; k++) {
        sum += ((codes[row * 8 + k] as number) - 100) * inScale * ((w[k * 10 + column] as number) * weightScale);
      }
      expect(Math.abs((byte - 128) * outScale - sum)).toBeLessThanOrEqual(0.5 * outScale + 1e-5);
    });
  });

  test('requantize and quantizedAdd round ties to even', async () => {
    const half = { from: { scale: 0.5, zeroPoint: 0 }, to: { scale: 1, zeroPoint: 0 } };
    const x = bytes([0, 1, 2, 3, 5, 255]);
    const [halved, means] = await numbersOf(
      requantize(x, half),
      quantizedAdd({ value: x, scale: 0.5, zero: 0 }, { value: x, scale: 1, zero: 0 }, { zero: 0, high: 200 }),
    );
    expect(halved).toEqual([0, 0, 1, 2, 2, 128]);
    expect(means).toEqual([0, 2, 3, 4, 8, 200]);
  });
});

describe('bad operands', () => {
  const of = (shape: Shape, dtype: DType): Value => feed('x', shape, dtype);
  const image = of([1, 4, 4, 2], 'uint8');
  const weight = of([1, 1, 2, 3], 'int8');
  const bias = of([3], 'int32');
  const scale = of([3], 'float32');
  const cases: readonly (readonly [string, () => Value, string])[] = [
    ['float images', () => quantizedConv2d(of([1, 4, 4, 2], 'float32'), weight, bias, scale), 'the input to be uint8'],
    ['float weights', () => quantizedConv2d(image, of([1, 1, 2, 3], 'float32'), bias, scale), 'the weights to be int8'],
    ['a float bias', () => quantizedConv2d(image, weight, scale, scale), 'the bias to be int32'],
    ['a short bias', () => quantizedConv2d(image, weight, of([2], 'int32'), scale), 'the bias to be [3]'],
    ['a long scale', () => quantizedConv2d(image, weight, bias, of([4], 'float32')), 'the scale to be [3]'],
    [
      'a zero beyond bytes',
      () => quantizedConv2d(image, weight, bias, scale, { inputZero: 256 }),
      'a whole number of 0',
    ],
    [
      'crossed bounds of bytes',
      () => quantizedConv2d(image, weight, bias, scale, { output: { zero: 0, low: 9, high: 8 } }),
      'the lowest byte to be at most 8',
    ],
    [
      'crossed bounds of numbers',
      () => quantizedConv2d(image, weight, bias, scale, { output: { low: 2, high: 1 } }),
      'the lowest number to be at most 1',
    ],
    [
      'an addend of another shape',
      () => quantizedConv2d(image, weight, bias, scale, { addend: { value: image, scale: 1, zero: 0 } }),
      'the addend to be [1, 4, 4, 3]',
    ],
    [
      'sums that may overflow',
      () => quantizedConv2d(of([1, 1, 1, 65537], 'uint8'), of([1, 1, 65537, 3], 'int8'), bias, scale),
      'products in a sum to be at most 65536',
    ],
    ['an unknown option', () => quantizedConv2d(image, weight, bias, scale, { zero: 1 } as object), "got 'zero'"],
    [
      'rows that do not fit',
      () => quantizedMatmul(of([5, 4], 'uint8'), of([3, 2], 'int8'), bias, scale),
      '[..., K] and',
    ],
    ['a scale of 0', () => quantizeLinear(of([2], 'float32'), { scale: 0, zeroPoint: 0 }), 'a finite number above 0'],
    ['a broken zero point', () => dequantizeLinear(image, { scale: 1, zeroPoint: 0.5 }), 'a whole number of 0 to 255'],
    ['integers to quantize', () => quantizeLinear(bias, { scale: 1, zeroPoint: 0 }), 'the input to be float32'],
    ['a short table', () => mapBytes(image, of([255], 'uint8')), 'the table to be [256]'],
    [
      'sums of different shapes',
      () =>
        quantizedAdd({ value: image, scale: 1, zero: 0 }, { value: of([1], 'uint8'), scale: 1, zero: 0 }, { zero: 0 }),
      'operand 2 to be of the shape',
    ],
    [
      'averages of floats',
      () => quantizedAveragePool(of([1, 4, 4, 2], 'float32'), { window: 2 }),
      'the input to be uint8',
    ],
    ['maxima of integers', () => maxPool(of([1, 4, 4, 2], 'int32'), { window: 2 }), 'float32 or uint8'],
  ];
  test.each(cases)('%s', (_, build, sentence) => {
    expect(build).toThrow(sentence);
  });
});

test('int8 tensors keep their type on the host', () => {
  const made: Tensor = tensor(Int8Array.of(-128, 127));
  expect(made.dtype).toBe('int8');
  expect(Array.from(tensor([-3, 4], [2], 'int8').data)).toEqual([-3, 4]);
});

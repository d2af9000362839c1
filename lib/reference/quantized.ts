/** Quantized ops by whole numbers, and by float32 where the ops round to it. */
import { type Shape, sizeOf } from '../graph/tensor';
import { roundHalfEven } from '../ops/quantize-linear';
import { type ConvAttributes, products } from './conv';
import { type PoolAttributes, windowPatch } from './pool';
import { attributesOf, type Compute, type Family, indicesOf, outputShape } from './tensor64';

interface Range {
  readonly zero: number;
  readonly low: number;
  readonly high: number;
}

interface Addend {
  readonly addScale: number;
  readonly addZero: number;
}

const { fround } = Math;

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/** The byte of t. */
const byteOf = (t: number, { zero, low, high }: Range): number => clamp(roundHalfEven(t) + zero, low, high);

/** (x - zero) * scale, each operation rounded to float32. */
const scaled = (x: number, zero: number, scale: number): number => fround(fround(x - zero) * fround(scale));

const quantizedConv2d: Compute = (node, x, w, bias, scale, addend) => {
  type Attributes = ConvAttributes & Range & Addend & { readonly inputZero: number; readonly output: string };
  const attributes = attributesOf<Attributes>(node);
  const { inputZero, addScale, addZero, output, low, high } = attributes;
  const shape: Shape = outputShape(node);
  const filters = shape[3] as number;
  const sums = new Float64Array(sizeOf(shape));
  products(attributes, { x: x.shape, w: w.shape, y: shape }, (xi, wi, yi) => {
    sums[yi] = (sums[yi] as number) + ((x.data[xi] as number) - inputZero) * (w.data[wi] as number);
  });
  return [
    sums.map((sum, i) => {
      const acc = sum + (bias?.data[i % filters] as number);
      const product = scaled(acc, 0, scale?.data[i % filters] as number);
      const t = addend ? fround(product + scaled(addend.data[i] as number, addZero, addScale)) : product;
      return output === 'uint8' ? byteOf(t, attributes) : clamp(t, fround(low), fround(high));
    }),
  ];
};

export const quantized: Family = {
  quantizeLinear: (node, x) => {
    const { scale, zeroPoint } = attributesOf<{ scale: number; zeroPoint: number }>(node);
    const range = { zero: zeroPoint, low: 0, high: 255 };
    return [x.data.map((value) => (Number.isNaN(value) ? 0 : byteOf(fround(value / fround(scale)), range)))];
  },
  dequantizeLinear: (node, x) => {
    const { scale, zeroPoint } = attributesOf<{ scale: number; zeroPoint: number }>(node);
    return [x.data.map((byte) => scaled(byte, zeroPoint, scale))];
  },
  mapBytes: (_, x, table) => [x.data.map((byte) => table.data[byte] as number)],
  quantizedConv2d,
  quantizedAdd: (node, a, b) => {
    type Attributes = Range & Addend & { readonly inputScale: number; readonly inputZero: number };
    const attributes = attributesOf<Attributes>(node);
    const { inputScale, inputZero, addScale, addZero } = attributes;
    return [
      a.data.map((byte, i) => {
        const sum = scaled(byte, inputZero, inputScale) + scaled(b.data[i] as number, addZero, addScale);
        return byteOf(fround(sum), attributes);
      }),
    ];
  },
  quantizedAveragePool: (node, x) => {
    type Attributes = PoolAttributes & Range & { readonly inputZero: number; readonly scale: number };
    const attributes = attributesOf<Attributes>(node);
    const { inputZero, scale } = attributes;
    return [
      Array.from(indicesOf(outputShape(node)), (index) => {
        const { offsets, divisor } = windowPatch(attributes, x.shape, index);
        const sum = offsets.reduce((total, offset) => total + (x.data[offset] as number) - inputZero, 0);
        return byteOf(scaled(sum, 0, fround(scale) / divisor), attributes);
      }),
    ];
  },
};

/** Bits in float64: rows are unpacked into +1 and -1 and multiplied as numbers; what the bits stand for, written out. */
import { type Shape, sizeOf } from '../graph/tensor';
import type { Node } from '../graph/value';
import { type ConvAttributes, taps } from './conv';
import { attributesOf, type Compute, type Family, outputShape, type Tensor64 } from './tensor64';

/** Rows of bits as rows of +1 and -1. */
function unpacked({ shape, data }: Tensor64, channels: number): Float64Array {
  const bytes = shape.at(-1) as number;
  const rows = sizeOf(shape.slice(0, -1));
  return Float64Array.from({ length: rows * channels }, (_, i) => {
    const [row, c] = [Math.floor(i / channels), i % channels];
    return (((data[row * bytes + (c >> 3)] as number) >> (c & 7)) & 1) * 2 - 1;
  });
}

/** Rows of numbers as bits: 1 where they are 0 or more. */
function packed(numbers: ArrayLike<number>, channels: number): Float64Array {
  const bytes = Math.ceil(channels / 8);
  const y = new Float64Array((numbers.length / channels) * bytes);
  for (let i = 0; i < numbers.length; i++) {
    const [row, c] = [Math.floor(i / channels), i % channels];
    const at = row * bytes + (c >> 3);
    if ((numbers[i] as number) >= 0) y[at] = (y[at] as number) + (1 << (c & 7));
  }
  return y;
}

/** What a layer makes of sums [..., filters]. */
function output(node: Node, sums: Float64Array, filters: number, vectors: readonly Tensor64[]): Float64Array {
  const { result } = attributesOf<{ result: 'int32' | 'float32' | 'bits' }>(node);
  if (result === 'int32') return sums;
  const [first, second] = vectors.map(
    ({ data }) =>
      (i: number) =>
        data[i % filters] as number,
  ) as [(i: number) => number, (i: number) => number];
  if (result === 'float32') return sums.map((sum, i) => sum * first(i) + second(i));
  const signs = sums.map((sum, i) => (sum >= first(i) !== (second(i) !== 0) ? 1 : -1));
  return packed(signs, filters);
}

/** The sum of products of two rows of `channels`. */
function dot(x: Float64Array, xRow: number, w: Float64Array, wRow: number, channels: number): number {
  let total = 0;
  for (let c = 0; c < channels; c++) total += (x[xRow * channels + c] as number) * (w[wRow * channels + c] as number);
  return total;
}

const binaryConv2d: Compute = (node, bits, weight, ...vectors) => {
  const attributes = attributesOf<ConvAttributes & { channels: number; paddingValue: number }>(node);
  const { channels, paddingValue } = attributes;
  const [filters, kh, kw] = weight.shape as [number, number, number];
  const [x, w] = [unpacked(bits, channels), unpacked(weight, channels)];
  const positions: Shape = outputShape(node).slice(0, 3);
  const border = new Float64Array(channels).fill(paddingValue);
  const sums = new Float64Array(sizeOf(positions) * filters);
  // Every tap first as if it fell outside, then those inside corrected.
  for (let k = 0; k < filters; k++) {
    let outside = 0;
    for (let position = 0; position < kh * kw; position++) {
      outside += dot(border, 0, w, k * kh * kw + position, channels);
    }
    for (let at = k; at < sums.length; at += filters) sums[at] = outside;
  }
  for (const { from, to, position } of taps(attributes, [kh, kw], bits.shape, [...positions, filters]))
    for (let k = 0; k < filters; k++) {
      const wRow = k * kh * kw + position;
      const at = to * filters + k;
      const inside = dot(x, from, w, wRow, channels) - dot(border, 0, w, wRow, channels);
      sums[at] = (sums[at] as number) + inside;
    }
  return [output(node, sums, filters, vectors)];
};

const binaryMatmul: Compute = (node, bits, weight, ...vectors) => {
  const { channels } = attributesOf<{ channels: number }>(node);
  const filters = weight.shape[0] as number;
  const [x, w] = [unpacked(bits, channels), unpacked(weight, channels)];
  const rows = x.length / channels;
  const sums = Float64Array.from({ length: rows * filters }, (_, i) =>
    dot(x, Math.floor(i / filters), w, i % filters, channels),
  );
  return [output(node, sums, filters, vectors)];
};

export const bits: Family = {
  packBits: (_, x) => [packed(x.data, x.shape.at(-1) as number)],
  unpackBits: (node, x) => [unpacked(x, attributesOf<{ channels: number }>(node).channels)],
  binaryConv2d,
  binaryMatmul,
};

/** Pooling in float64 over windows of [N, H, W, C]; padding never wins a maximum, and counts in an average on request. */
import { type Shape, sizeOf } from '../graph/tensor';
import { attributesOf, type Compute, type Family, indicesOf, offsetOf, outputShape } from './tensor64';

export interface PoolAttributes {
  readonly window: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
  readonly countIncludePad?: boolean;
}

/** Rows or columns from `from` up to but not including `to`. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** The input elements under one window, and how many elements its average divides by. */
interface Patch {
  readonly offsets: number[];
  readonly divisor: number;
}

function patchOf(x: Shape, index: readonly number[], rows: Span, columns: Span, divisor?: number): Patch {
  const [n, , , c] = index as [number, number, number, number];
  const [, height, width] = x as [number, number, number, number];
  const offsets: number[] = [];
  for (let row = Math.max(rows.from, 0); row < Math.min(rows.to, height); row++)
    for (let column = Math.max(columns.from, 0); column < Math.min(columns.to, width); column++)
      offsets.push(offsetOf([n, row, column, c], x));
  return { offsets, divisor: divisor ?? offsets.length };
}

export function windowPatch(attributes: PoolAttributes, x: Shape, index: readonly number[]): Patch {
  const { window, stride, padding, countIncludePad } = attributes;
  const [, i, j] = index as [number, number, number, number];
  const [, height, width] = x as [number, number, number, number];
  const rows = { from: i * stride[0] - padding[0], to: i * stride[0] - padding[0] + window[0] };
  const columns = { from: j * stride[1] - padding[2], to: j * stride[1] - padding[2] + window[1] };
  const padded =
    (Math.min(rows.to, height + padding[1]) - rows.from) * (Math.min(columns.to, width + padding[3]) - columns.from);
  return patchOf(x, index, rows, columns, countIncludePad ? padded : undefined);
}

/** Output bin i of n covers floor(i * length / n) up to ceil((i + 1) * length / n). */
function adaptivePatch(x: Shape, y: Shape, index: readonly number[]): Patch {
  const span = (axis: number): Span => {
    const [i, bins, length] = [index[axis] as number, y[axis] as number, x[axis] as number];
    return { from: Math.floor((i * length) / bins), to: Math.ceil(((i + 1) * length) / bins) };
  };
  return patchOf(x, index, span(1), span(2));
}

type PatchRule = (attributes: PoolAttributes, x: Shape, y: Shape, index: readonly number[]) => Patch;
const byWindow: PatchRule = (attributes, x, _, index) => windowPatch(attributes, x, index);
const byBin: PatchRule = (_, x, y, index) => adaptivePatch(x, y, index);

const average =
  (rule: PatchRule): Compute =>
  (node, x) => {
    const y = outputShape(node);
    return [
      Array.from(indicesOf(y), (index) => {
        const { offsets, divisor } = rule(attributesOf(node), x.shape, y, index);
        return offsets.reduce((total, offset) => total + (x.data[offset] as number), 0) / divisor;
      }),
    ];
  };

const averageGrad =
  (rule: PatchRule): Compute =>
  (node, gy) => {
    const x = outputShape(node);
    const gx = new Float64Array(sizeOf(x));
    let from = 0;
    for (const index of indicesOf(gy.shape)) {
      const { offsets, divisor } = rule(attributesOf(node), x, gy.shape, index);
      const share = (gy.data[from++] as number) / divisor;
      for (const offset of offsets) gx[offset] = (gx[offset] as number) + share;
    }
    return [gx];
  };

export const pool: Family = {
  maxPool: (node, x) => {
    const [, , , channels] = x.shape as [number, number, number, number];
    const plane = (x.shape[1] as number) * (x.shape[2] as number);
    const tops: number[] = [];
    const indices: number[] = [];
    for (const index of indicesOf(outputShape(node))) {
      const { offsets } = windowPatch(attributesOf(node), x.shape, index);
      const better = (value: number, best: number) => value > best || (Number.isNaN(value) && !Number.isNaN(best));
      const top = offsets.reduce((best, offset) =>
        better(x.data[offset] as number, x.data[best] as number) ? offset : best,
      );
      tops.push(x.data[top] as number);
      indices.push(Math.floor(top / channels) % plane);
    }
    return [tops, indices].slice(0, node.outputs.length); // bytes come without places
  },
  maxPoolBits: (node, x, least) => [
    Array.from(indicesOf(outputShape(node)), (index) => {
      const mask = least.data[index[3] as number] as number;
      const { offsets } = windowPatch(attributesOf(node), x.shape, index);
      return mask ^ offsets.reduce((bits, offset) => bits | (mask ^ (x.data[offset] as number)), 0);
    }),
  ],
  maxPoolGrad: (node, gy, indices) => {
    const [, height, width, channels] = outputShape(node) as [number, number, number, number];
    const gx = new Float64Array(sizeOf(outputShape(node)));
    let from = 0;
    for (const [n, , , c] of indicesOf(gy.shape) as Iterable<[number, number, number, number]>) {
      const to = (n * height * width + (indices.data[from] as number)) * channels + c;
      gx[to] = (gx[to] as number) + (gy.data[from++] as number);
    }
    return [gx];
  },
  averagePool: average(byWindow),
  averagePoolGrad: averageGrad(byWindow),
  adaptiveAveragePool: average(byBin),
  adaptiveAveragePoolGrad: averageGrad(byBin),
};

/** Ops that only move numbers, in float64: each output index is traced back to the input index that it shows. */
import { type Shape, sizeOf } from '../graph/tensor';
import type { Node } from '../graph/value';
import { at, attributesOf, type Compute, type Family, generate, indicesOf, offsetOf, outputShape } from './tensor64';

interface SliceAttributes {
  readonly begin: readonly number[];
  readonly step: readonly number[];
}

interface PadAttributes {
  readonly before: readonly number[];
  readonly mode: 'constant' | 'reflect' | 'replicate';
  readonly value: number;
}

const same: Compute = (_, x) => [x.data];

const slicedIndex = ({ begin, step }: SliceAttributes, index: readonly number[]): number[] =>
  index.map((i, axis) => (begin[axis] as number) + i * (step[axis] as number));

/** Where the padded position `i` of an axis of `length` shows from; undefined in a constant border. */
function paddedSource(mode: PadAttributes['mode'], i: number, length: number): number | undefined {
  if (i >= 0 && i < length) return i;
  if (mode === 'constant') return undefined;
  if (mode === 'replicate') return i < 0 ? 0 : length - 1;
  return i < 0 ? -i : 2 * (length - 1) - i;
}

function paddedIndex({ before, mode }: PadAttributes, x: Shape, index: readonly number[]): number[] | undefined {
  const sources = index.map((i, axis) => paddedSource(mode, i - (before[axis] as number), x[axis] as number));
  return sources.includes(undefined) ? undefined : (sources as number[]);
}

/** Adds every number of `from` to the element of the output that `target` names for its index, if any. */
function scatter(
  node: Node,
  from: { shape: Shape; data: Float64Array },
  target: (index: number[]) => number[] | undefined,
) {
  const shape = outputShape(node);
  const sums = new Float64Array(sizeOf(shape));
  let i = 0;
  for (const index of indicesOf(from.shape)) {
    const to = target(index);
    const number = from.data[i++] as number;
    if (to) sums[offsetOf(to, shape)] = (sums[offsetOf(to, shape)] as number) + number;
  }
  return [sums];
}

/** Positions of the `k` largest numbers of a row, NaN first, the first of equals first. */
function largest(row: readonly number[], k: number): number[] {
  const rank = (x: number) => (Number.isNaN(x) ? Number.POSITIVE_INFINITY : x);
  const order = row.map((_, i) => i);
  order.sort((i, j) => {
    const [a, b] = [row[i] as number, row[j] as number];
    if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(a) ? -1 : 1;
    return rank(a) === rank(b) ? i - j : rank(b) > rank(a) ? 1 : -1;
  });
  return order.slice(0, k);
}

export const shape: Family = {
  reshape: same,
  stopGradient: same,
  straightThrough: same,
  copy: same,

  checkFinite: (_, x) => {
    if (!x.data.every(Number.isFinite)) throw new Error('reference: checkFinite found NaN or infinity');
    return [[0]];
  },

  transpose: (node, x) => {
    const { permutation } = attributesOf<{ permutation: readonly number[] }>(node);
    return [
      generate(outputShape(node), (index) =>
        at(
          x,
          x.shape.map((_, axis) => index[permutation.indexOf(axis)] as number),
        ),
      ),
    ];
  },

  concat: (node, ...values) => {
    const { axis } = attributesOf<{ axis: number }>(node);
    return [
      generate(outputShape(node), (index) => {
        let i = index[axis] as number;
        for (const value of values) {
          const length = value.shape[axis] as number;
          if (i < length) return at(value, index.with(axis, i));
          i -= length;
        }
        return Number.NaN;
      }),
    ];
  },

  slice: (node, x) => [generate(outputShape(node), (index) => at(x, slicedIndex(attributesOf(node), index)))],
  sliceGrad: (node, gy) => scatter(node, gy, (index) => slicedIndex(attributesOf(node), index)),

  pad: (node, x) => {
    const attributes = attributesOf<PadAttributes>(node);
    return [
      generate(outputShape(node), (index) => {
        const from = paddedIndex(attributes, x.shape, index);
        return from ? at(x, from) : attributes.value;
      }),
    ];
  },
  padGrad: (node, gy) => scatter(node, gy, (index) => paddedIndex(attributesOf(node), outputShape(node), index)),

  gather: (node, table, indices) => {
    const { axis } = attributesOf<{ axis: number }>(node);
    const rank = indices.shape.length;
    return [
      generate(outputShape(node), (index) => {
        const row = at(indices, index.slice(axis, axis + rank));
        return at(table, index.toSpliced(axis, rank, row));
      }),
    ];
  },
  scatterAdd: (node, indices, updates) => {
    const { axis } = attributesOf<{ axis: number }>(node);
    const rank = indices.shape.length;
    return scatter(node, updates, (index) => index.toSpliced(axis, rank, at(indices, index.slice(axis, axis + rank))));
  },

  oneHot: (node, indices) => [
    generate(outputShape(node), (index) => Number(at(indices, index.slice(0, -1)) === index.at(-1))),
  ],

  sequenceMask: (node, lengths) => [
    generate(outputShape(node), ([n, t]) => Number((t as number) < at(lengths, [n as number]))),
  ],

  topK: (node, x) => {
    const { k } = attributesOf<{ k: number }>(node);
    const width = x.shape.at(-1) as number;
    const rows = Array.from({ length: x.data.length / width }, (_, i) => [...x.data.slice(i * width, (i + 1) * width)]);
    const found = rows.map((row) => largest(row, k));
    return [found.flatMap((positions, i) => positions.map((j) => rows[i]?.[j] as number)), found.flat()];
  },
  takeAlongAxis: (node, x, indices) => [
    generate(outputShape(node), (index) => at(x, index.with(-1, at(indices, index)))),
  ],
  putAlongAxis: (node, indices, updates) => scatter(node, updates, (index) => index.with(-1, at(indices, index))),
};

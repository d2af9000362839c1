/** The nearest points, found by comparing with all of them. */
import { expectChoice } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { showType, type Tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { abs, add, div, maximum, mul, sqrt, square, sub } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import { sum } from '../ops/reduce';
import { expandDims } from '../ops/shape';
import { feed } from '../ops/source';
import { transpose } from '../ops/transpose';
import { Program } from '../runtime/program';
import { Store } from '../runtime/store';

/** What "near" means: |a - b|_2, |a - b|_1, or 1 - cos of the angle between a and b. */
export type Distance = 'l2' | 'l1' | 'cosine';

export interface NeighbourOptions {
  /** How many. Default 1. */
  readonly k?: number;
  /** Default 'l2'. */
  readonly distance?: Distance;
}

/** The nearest points of each query. */
export interface Neighbours {
  /** Numbers of the k nearest points of each query, the nearest first; of equally near ones the lower number first. */
  readonly indices: Tensor;
  /** Their distances, in float64: [queries, k] row by row. */
  readonly distances: Float64Array;
}

/** Queries that are compared at once. */
const blockSize = 256;

const rowSums = (x: Value): Value => sum(x, { axes: -1, keepDims: true });

/** Distances [queries, points] in float32: squared for l2, where one product does nearly all of the work. */
const rough: Readonly<Record<Distance, (points: Value, queries: Value) => Value>> = {
  l2: (points, queries) => {
    const products = matmul(queries, points, { transposeB: true });
    return add(sub(rowSums(square(queries)), mul(products, 2)), transpose(rowSums(square(points)), [1, 0]));
  },
  cosine: (points, queries) => {
    const unit = (x: Value) => div(x, maximum(sqrt(rowSums(square(x))), 1e-30));
    return sub(1, matmul(unit(queries), unit(points), { transposeB: true }));
  },
  l1: (points, queries) => sum(abs(sub(expandDims(queries, 1), expandDims(points, 0))), { axes: -1 }),
};

type Row = ArrayLike<number>;

const dot = (a: Row, b: Row): number => {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number);
  return total;
};

/** The same in float64, by definition. */
const exact: Readonly<Record<Distance, (a: Row, b: Row) => number>> = {
  l2: (a, b) => {
    let total = 0;
    for (let i = 0; i < a.length; i++) total += ((a[i] as number) - (b[i] as number)) ** 2;
    return Math.sqrt(total);
  },
  l1: (a, b) => {
    let total = 0;
    for (let i = 0; i < a.length; i++) total += Math.abs((a[i] as number) - (b[i] as number));
    return total;
  },
  cosine: (a, b) => 1 - dot(a, b) / Math.max(Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b)), 1e-300),
};

/** How far float32 may be off: a share of the largest numbers that went into the distances. */
function slack(distance: Distance, points: Tensor, queries: Tensor): number {
  const width = points.shape[1] as number;
  const largest = (data: ArrayLike<number>) => {
    let most = 0;
    for (let i = 0; i < data.length; i++) most = Math.max(most, Math.abs(data[i] as number));
    return most;
  };
  const most = Math.max(largest(points.data), largest(queries.data));
  const scale = { l2: 4 * most * most * width, l1: 2 * most * width, cosine: 4 }[distance];
  return scale * 2 ** -23 * (8 + Math.sqrt(width));
}

/** The k-th smallest of `estimates`: the smallest so far are kept in order. */
function kthSmallest(estimates: Float32Array, k: number): number {
  const smallest = new Float32Array(k).fill(Number.POSITIVE_INFINITY);
  for (const estimate of estimates) {
    if (estimate >= (smallest[k - 1] as number)) continue;
    let place = k - 1;
    for (; place > 0 && (smallest[place - 1] as number) > estimate; place--)
      smallest[place] = smallest[place - 1] as number;
    smallest[place] = estimate;
  }
  return smallest[k - 1] as number;
}

/** The k nearest among the candidates that may be so, decided in float64. */
function refine(
  estimates: Float32Array,
  margin: number,
  k: number,
  distanceTo: (i: number) => number,
): [number, number][] {
  const bound = kthSmallest(estimates, k) + 2 * margin;
  const candidates: [number, number][] = [];
  estimates.forEach((estimate, i) => {
    if (estimate <= bound) candidates.push([i, distanceTo(i)]);
  });
  return candidates.sort((a, b) => a[1] - b[1] || a[0] - b[0]).slice(0, k);
}

function expectRows(what: string, { dtype, shape }: Tensor): void {
  expect(dtype === 'float32' && shape.length === 2 && (shape[0] as number) > 0, 'SHAPE', () => ({
    where: 'nearestNeighbours',
    what,
    expected: 'float32 [N, F] with at least one row',
    actual: showType({ dtype, shape }),
  }));
}

/**
 * The k nearest of `points` for each of `queries`, by comparing all pairs (Cover and Hart 1967). Distances are estimated by
 * a product of matrices, |a - b|^2 = |a|^2 - 2 a.b + |b|^2, natively and asynchronously; those that are near enough to count
 * are then measured in float64, so that the answer is exact and ties fall to the lower number.
 *
 * @param points float32 [N, F]
 * @param queries float32 [M, F]
 * @throws ConvoltError `SHAPE` when rows differ in length; `VALUE` unless k is between 1 and N
 * @example const { indices } = await math.nearestNeighbours(train, test, { k: 5, distance: 'cosine' });
 */
export async function nearestNeighbours(
  points: Tensor,
  queries: Tensor,
  options: NeighbourOptions = {},
): Promise<Neighbours> {
  expectOptions('nearestNeighbours', options, ['k', 'distance']);
  const { k = 1, distance = 'l2' } = options;
  expectChoice('nearestNeighbours', 'the distance', distance, Object.keys(rough));
  expectWhole('nearestNeighbours', 'k', k, 1);
  expectRows('the points', points);
  expectRows('the queries', queries);
  const [count, width] = points.shape as [number, number];
  const total = queries.shape[0] as number;
  expect(queries.shape[1] === width && k <= count, 'SHAPE', () => ({
    where: 'nearestNeighbours',
    what: 'points and queries',
    expected: `rows of one length, and at least ${k} points`,
    actual: `${showType(points)} and ${showType(queries)}`,
  }));
  const margin = slack(distance, points, queries);
  const indices = new Int32Array(total * k);
  const distances = new Float64Array(total * k);
  const row = ({ data }: Tensor, i: number) => data.subarray(i * width, (i + 1) * width);
  const store = new Store();
  try {
    const size = Math.min(blockSize, total);
    const feeds = [feed('points', [count, width]), feed('queries', [size, width])] as const;
    const program = new Program(store, { outputs: { distances: rough[distance](...feeds) }, feeds });
    for (let start = 0; start < total; start += size) {
      const first = Math.min(start, total - size); // the last block overlaps the one before it
      const block = queries.data.subarray(first * width, (first + size) * width) as Float32Array;
      const { outputs } = await program.run({ points, queries: block });
      const estimates = outputs.distances?.data as Float32Array;
      for (let q = 0; q < size; q++) {
        const query = row(queries, first + q);
        const own = estimates.subarray(q * count, (q + 1) * count);
        refine(own, margin, k, (i) => exact[distance](query, row(points, i))).forEach(([i, away], place) => {
          indices[(first + q) * k + place] = i;
          distances[(first + q) * k + place] = away;
        });
      }
    }
    program.dispose();
  } finally {
    store.dispose();
  }
  return { indices: { dtype: 'int32', shape: [total, k], data: indices }, distances };
}

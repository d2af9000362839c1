/** k-means: groups of points around centres, e.g. the codebook of a compressed layer. */
import { expectChoice } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { hostUniform, keyOfSeed } from '../graph/philox';
import { expectWhole } from '../graph/whole';
import { type Matrix, type MatrixLike, matrix, zeroMatrix } from '../linalg/matrix';

export interface KMeansOptions {
  /** Number of centres. */
  readonly k: number;
  /**
   * First centres. `'kmeans++'` (default): points drawn one after the other, with probabilities as the squared distance from
   * those already drawn (Arthur and Vassilvitskii 2007); `'random'`: different points; `'linear'`: equally spaced from the
   * least to the largest number, for single numbers (Han et al. 2016).
   */
  readonly start?: 'kmeans++' | 'random' | 'linear';
  /** Default 100. */
  readonly iterations?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Centres, and which point belongs to which. */
export interface KMeans {
  /** [k, F]. */
  readonly centers: Matrix;
  /** The centre of each point. */
  readonly assignments: Int32Array;
  /** The sum of squared distances of points from their centres. */
  readonly inertia: number;
  /** The inertia after each iteration: it never grows. */
  readonly history: readonly number[];
}

/** The squared distance of point i from centre j. */
function squaredDistance(points: Matrix, i: number, centers: Matrix, j: number): number {
  const width = points.shape[1];
  let total = 0;
  for (let f = 0; f < width; f++) {
    total += ((points.data[i * width + f] as number) - (centers.data[j * width + f] as number)) ** 2;
  }
  return total;
}

/** Copies point i to centre j. */
function place(points: Matrix, i: number, centers: Matrix, j: number): void {
  const width = points.shape[1];
  centers.data.set(points.data.subarray(i * width, (i + 1) * width), j * width);
}

function linearStart(points: Matrix, centers: Matrix): void {
  expect(points.shape[1] === 1, 'SHAPE', () => ({
    where: 'kMeans',
    what: 'the points',
    expected: "single numbers for the start 'linear'",
    actual: `points of ${points.shape[1]} numbers`,
  }));
  const low = points.data.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY);
  const high = points.data.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY);
  const steps = Math.max(1, centers.shape[0] - 1);
  for (let j = 0; j < centers.shape[0]; j++) centers.data[j] = low + ((high - low) * j) / steps;
}

/** Draws centres among the points; `weigh` says how the chance of a point follows from its distance to the nearest one. */
function drawnStart(points: Matrix, centers: Matrix, seed: number, weigh: (nearest: number) => number): void {
  const [count] = points.shape;
  const draws = hostUniform(keyOfSeed(seed), centers.shape[0]);
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < centers.shape[0]; j++) {
    const chances = nearest.map((distance) => (j === 0 ? 1 : weigh(distance)));
    const total = chances.reduce((sum, x) => sum + x, 0);
    let left = (draws[j] as number) * total;
    let drawn = 0;
    for (; drawn < count - 1; drawn++) {
      left -= chances[drawn] as number;
      if (left < 0) break;
    }
    place(points, drawn, centers, j);
    for (let i = 0; i < count; i++) nearest[i] = Math.min(nearest[i] as number, squaredDistance(points, i, centers, j));
  }
}

/** Gives every point its nearest centre, the first of equal ones; true if one has changed. */
function assign(points: Matrix, centers: Matrix, assignments: Int32Array): boolean {
  let hasChanged = false;
  for (let i = 0; i < assignments.length; i++) {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let j = 0; j < centers.shape[0]; j++) {
      const distance = squaredDistance(points, i, centers, j);
      if (distance < least) [best, least] = [j, distance];
    }
    hasChanged ||= assignments[i] !== best;
    assignments[i] = best;
  }
  return hasChanged;
}

/** Moves every centre to the mean of its points; one without points stays. */
function moveCenters(points: Matrix, centers: Matrix, assignments: Int32Array): void {
  const [k, width] = centers.shape;
  const sums = new Float64Array(k * width);
  const counts = new Int32Array(k);
  assignments.forEach((j, i) => {
    counts[j] = (counts[j] as number) + 1;
    for (let f = 0; f < width; f++) {
      sums[j * width + f] = (sums[j * width + f] as number) + (points.data[i * width + f] as number);
    }
  });
  for (let at = 0; at < sums.length; at++) {
    const count = counts[Math.floor(at / width)] as number;
    if (count) centers.data[at] = (sums[at] as number) / count;
  }
}

const inertiaOf = (points: Matrix, centers: Matrix, assignments: Int32Array): number =>
  assignments.reduce((sum, j, i) => sum + squaredDistance(points, i, centers, j), 0);

/**
 * Lloyd's algorithm (1982): every point goes to its nearest centre, every centre to the mean of its points, until nothing
 * changes; the sum of squared distances falls to a local minimum. A centre without points stays where it is.
 *
 * @param points [N, F], or a list of single numbers
 * @throws ConvoltError `VALUE` for fewer points than centres; `SHAPE` for 'linear' with points of several numbers
 * @example math.kMeans([0, 1, 2, 10, 11, 12], { k: 2 }).centers.data // 1 and 11, in some order
 */
export function kMeans(points: MatrixLike | readonly number[] | Float32Array, options: KMeansOptions): KMeans {
  expectOptions('kMeans', options, ['k', 'start', 'iterations', 'seed']);
  const { k, start = 'kmeans++', iterations = 100, seed = 0 } = options;
  expectWhole('kMeans', 'k', k, 1);
  expectWhole('kMeans', 'the number of iterations', iterations, 1);
  expectChoice('kMeans', 'start', start, ['kmeans++', 'random', 'linear']);
  const given = pointsOf(points);
  const [count, width] = given.shape;
  expect(count >= k, 'VALUE', () => ({ where: 'kMeans', what: 'k', expected: `at most ${count}`, actual: `${k}` }));
  const centers = zeroMatrix(k, width);
  if (start === 'linear') linearStart(given, centers);
  else
    drawnStart(given, centers, seed, start === 'random' ? (distance) => Number(distance > 0) : (distance) => distance);
  const assignments = new Int32Array(count).fill(-1);
  const history: number[] = [];
  while (history.length < iterations && assign(given, centers, assignments)) {
    moveCenters(given, centers, assignments);
    history.push(inertiaOf(given, centers, assignments));
  }
  return { centers, assignments, inertia: history.at(-1) ?? 0, history };
}

/** Points as a matrix; a list of numbers is one of single numbers. */
function pointsOf(points: MatrixLike | readonly number[] | Float32Array): Matrix {
  const list = points as ArrayLike<unknown>;
  const isFlat = ArrayBuffer.isView(points) || (Array.isArray(points) && typeof list[0] === 'number');
  if (!isFlat) return matrix(points as MatrixLike);
  return { shape: [list.length, 1], data: Float64Array.from(list as ArrayLike<number>) };
}

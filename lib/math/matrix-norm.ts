/** Sizes of matrices: of their columns, their rows, as maps, and entry by entry. */
import { type Matrix, type MatrixLike, matrix, svd } from '../linalg';
import { expectExponent, vectorNorm } from './vector-norm';

/** The columns of a matrix. */
const columnsOf = ({ shape: [rows, columns], data }: Matrix): Float64Array[] =>
  Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: rows }, (_, i) => data[i * columns + j] as number),
  );

/** The rows of a matrix. */
const rowsOf = ({ shape: [rows, columns], data }: Matrix): Float64Array[] =>
  Array.from({ length: rows }, (_, i) => data.subarray(i * columns, (i + 1) * columns));

const largestNorm = (vectors: readonly Float64Array[], p: number): number =>
  vectors.reduce((largest, vector) => Math.max(largest, vectorNorm(vector, p)), 0);

/**
 * The 1-norm: the largest sum of magnitudes of a column; how much the matrix can stretch the 1-norm of a vector.
 *
 * @example math.columnNorm([[1, -2], [3, 4]]) // 6
 */
export const columnNorm = (a: MatrixLike): number => largestNorm(columnsOf(matrix(a)), 1);

/**
 * The infinity-norm: the largest sum of magnitudes of a row.
 *
 * @example math.rowNorm([[1, -2], [3, 4]]) // 7
 */
export const rowNorm = (a: MatrixLike): number => largestNorm(rowsOf(matrix(a)), 1);

/**
 * The 2-norm: the largest singular value, the most that the matrix can stretch a length.
 *
 * @example math.spectralNorm([[1, -2], [3, 4]]) // 5.116673
 */
export const spectralNorm = (a: MatrixLike): number => svd(a).s[0] ?? 0;

/**
 * The Frobenius norm: the root of the sum of squares of all entries.
 *
 * @example math.frobeniusNorm([[1, -2], [3, 4]]) // 5.477226
 */
export const frobeniusNorm = (a: MatrixLike): number => vectorNorm(matrix(a).data, 2);

/**
 * The nuclear norm: the sum of all singular values; the convex stand-in for the rank.
 *
 * @example math.nuclearNorm([[1, -2], [3, 4]]) // 7.071068
 */
export const nuclearNorm = (a: MatrixLike): number => svd(a).s.reduce((sum, value) => sum + value, 0);

/**
 * The entry-wise p-norm: (sum of |a_ij|^p)^(1/p) over all entries.
 *
 * @throws ConvoltError `VALUE` for a p below 1
 * @example math.entryNorm([[1, -2], [3, 4]], 3) // 4.641589
 */
export function entryNorm(a: MatrixLike, p: number): number {
  expectExponent('entryNorm', p);
  return vectorNorm(matrix(a).data, p);
}

/** The vector of q-norm 1 that makes the product with y largest, 1/p + 1/q = 1: entries sign(y) |y|^(p - 1), scaled. */
function dual(y: Float64Array, p: number): Float64Array {
  const largest = vectorNorm(y, Number.POSITIVE_INFINITY) || 1;
  const powers = y.map((value) => Math.sign(value) * (Math.abs(value) / largest) ** (p - 1));
  const length = vectorNorm(powers, p / (p - 1)) || 1;
  return powers.map((value) => value / length);
}

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

/** One climb of the power method from `start`: to a vector that the matrix stretches most among its neighbours. */
function climb(
  rows: readonly Float64Array[],
  columns: readonly Float64Array[],
  start: Float64Array,
  p: number,
): number {
  let x: Float64Array = start.map((value) => value / vectorNorm(start, p));
  let reached = 0;
  for (let i = 0; i < 1000; i++) {
    const y = Float64Array.from(rows, (row) => dot(row, x));
    const stretched = vectorNorm(y, p);
    if (stretched <= reached * (1 + 1e-15)) return Math.max(reached, stretched);
    reached = stretched;
    const pulled = dual(y, p);
    x = dual(
      Float64Array.from(columns, (column) => dot(column, pulled)),
      p / (p - 1),
    );
  }
  return reached;
}

/**
 * The induced p-norm: the largest |A x|_p of all x with |x|_p = 1. For p = 1, 2 and Infinity it is `columnNorm`,
 * `spectralNorm` and `rowNorm`; otherwise found by the power method for p-norms (Boyd 1974, Higham 1992) from every unit
 * vector and from the vector of ones: a lower bound that is exact for matrices without negative entries, and in practice
 * for others.
 *
 * @throws ConvoltError `VALUE` for a p below 1
 * @example math.inducedNorm([[1, -2], [3, 4]], 1) // 6
 */
export function inducedNorm(a: MatrixLike, p: number): number {
  expectExponent('inducedNorm', p);
  const given = matrix(a);
  if (p === 1) return columnNorm(given);
  if (p === Number.POSITIVE_INFINITY) return rowNorm(given);
  const [rows, columns] = [rowsOf(given), columnsOf(given)];
  const width = columns.length;
  const units = columns.map((_, j) => Float64Array.from({ length: width }, (_, i) => Number(i === j)));
  const starts = [...units, new Float64Array(width).fill(1)];
  return starts.reduce((largest, start) => Math.max(largest, climb(rows, columns, start, p)), 0);
}

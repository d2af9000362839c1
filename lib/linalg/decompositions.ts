/** Decompositions of matrices in float64, computed natively (by Eigen). */
import { addon, native } from '../runtime/addon';
import { type Matrix, type MatrixLike, matrix, squareMatrix, zeroMatrix } from './matrix';

/** A = U diag(s) V^T. */
export interface Svd {
  /** [m, r], columns of length 1. */
  readonly u: Matrix;
  /** r = min(m, n) singular values, falling. */
  readonly s: Float64Array;
  /** [n, r], columns of length 1. */
  readonly v: Matrix;
}

/**
 * A = U diag(s) V^T, the singular value decomposition of any matrix [m, n]: the best approximation of rank k keeps the k
 * largest values (Eckart and Young 1936).
 *
 * The largest component of every column of V is positive, which makes the result unique unless values are equal.
 *
 * @throws ConvoltError `SHAPE` for anything but a matrix; `NOT_FINITE` for NaN or infinity
 * @example linalg.svd([[3, 0], [4, 5]]).s // 6.708204, 2.236068
 */
export function svd(values: MatrixLike): Svd {
  const { shape, data } = matrix(values);
  const [m, n] = shape;
  const rank = Math.min(m, n);
  const [u, s, v] = [zeroMatrix(m, rank), new Float64Array(rank), zeroMatrix(n, rank)];
  native(() => addon().svd([m, n], [data], [u.data, s, v.data]));
  return { u, s, v };
}

/** A = Q diag(values) Q^T. */
export interface Eigen {
  /** n eigenvalues, falling. */
  readonly values: Float64Array;
  /** [n, n]: eigenvectors of length 1 as columns. */
  readonly vectors: Matrix;
}

/**
 * A = Q diag(values) Q^T of a symmetric matrix [n, n], of which the lower half is read.
 *
 * The largest component of every eigenvector is positive.
 *
 * @throws ConvoltError `SHAPE` unless the matrix is square; `NOT_FINITE` for NaN or infinity
 * @example linalg.symmetricEigen([[2, 1], [1, 2]]).values // 3, 1
 */
export function symmetricEigen(a: MatrixLike): Eigen {
  const { shape, data } = squareMatrix('symmetricEigen', a);
  const [n] = shape;
  const [values, vectors] = [new Float64Array(n), zeroMatrix(n, n)];
  native(() => addon().symmetricEigen([n], [data], [values, vectors.data]));
  return { values, vectors };
}

/**
 * The lower triangle L with A = L L^T, of a symmetric, positive definite matrix, of which the lower half is read.
 *
 * @throws ConvoltError `VALUE` when the matrix is not positive definite; `SHAPE` unless it is square
 * @example linalg.cholesky([[4, 2], [2, 5]]) // [[2, 0], [1, 2]]
 */
export function cholesky(a: MatrixLike): Matrix {
  const { shape, data } = squareMatrix('cholesky', a);
  const [n] = shape;
  const l = zeroMatrix(n, n);
  native(() => addon().cholesky([n], [data], [l.data]));
  return l;
}

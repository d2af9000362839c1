/** Solutions of linear equations in float64, computed natively (by Eigen). */
import { expect, expectOptions } from '../graph/errors';
import { addon, native } from '../runtime/addon';
import { type Matrix, type MatrixLike, matrix, squareMatrix, zeroMatrix } from './matrix';

function expectRows(where: string, a: Matrix, b: Matrix): void {
  expect(a.shape[0] === b.shape[0], 'SHAPE', () => ({
    where,
    what: 'the rows of the right side',
    expected: `${a.shape[0]}, those of the matrix`,
    actual: `${b.shape[0]}`,
  }));
}

/**
 * The X [n, k] that makes |A X - B| smallest, and of several the shortest, for A [m, n] and B [m, k]. Where A is square
 * and regular it solves A X = B. By an orthogonal decomposition with pivots, which does not square the condition of A as
 * the normal equations A^T A X = A^T B do.
 *
 * @throws ConvoltError `SHAPE` when the rows differ; `NOT_FINITE` for NaN or infinity
 * @example linalg.leastSquares([[1, 0], [1, 1], [1, 2]], [[1], [3], [5]]) // [[1], [2]]: 1 + 2 x
 */
export function leastSquares(a: MatrixLike, b: MatrixLike): Matrix {
  const [left, right] = [matrix(a), matrix(b)];
  expectRows('leastSquares', left, right);
  const [m, n] = left.shape;
  const x = zeroMatrix(n, right.shape[1]);
  native(() => addon().leastSquares([m, n, right.shape[1]], [left.data, right.data], [x.data]));
  return x;
}

/**
 * The X [n, k] with A X = B of a triangular A [n, n]; the other half of A is not read.
 *
 * @param options.lower A is zero above its diagonal; default true
 * @throws ConvoltError `SHAPE` when the matrices do not fit; `VALUE` for a 0 on the diagonal
 * @example linalg.triangularSolve([[2, 0], [1, 2]], [[2], [5]]) // [[1], [2]]
 */
export function triangularSolve(a: MatrixLike, b: MatrixLike, options: { lower?: boolean } = {}): Matrix {
  expectOptions('triangularSolve', options, ['lower']);
  const { lower = true } = options;
  const [left, right] = [squareMatrix('triangularSolve', a), matrix(b)];
  expectRows('triangularSolve', left, right);
  const [n, k] = right.shape;
  const x = zeroMatrix(n, k);
  native(() => addon().triangularSolve([n, k, Number(lower)], [left.data, right.data], [x.data]));
  return x;
}

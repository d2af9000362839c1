/** Matrices of float64 on the host. */
import { expect } from '../graph/errors';
import { showShape, type Tensor } from '../graph/tensor';

/** Numbers in row-major order. */
export interface Matrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly data: Float64Array;
}

/** What can be read as a matrix: one, a tensor of two axes, or rows of numbers. */
export type MatrixLike = Matrix | Tensor | readonly (readonly number[])[];

/** A matrix of `rows` by `columns` zeros. */
export const zeroMatrix = (rows: number, columns: number): Matrix => ({
  shape: [rows, columns],
  data: new Float64Array(rows * columns),
});

/**
 * Makes a matrix of float64; numbers are copied.
 *
 * @throws ConvoltError `SHAPE` when the rows differ in length or a tensor has not two axes
 * @example linalg.matrix([[3, 0], [4, 5]]).shape // [2, 2]
 */
export function matrix(values: MatrixLike): Matrix {
  const isList = Array.isArray(values);
  const rows = values as readonly (readonly number[])[];
  const given = values as Matrix;
  const shape = isList ? [rows.length, rows[0]?.length ?? 0] : given.shape;
  const isEven = !isList || rows.every((row) => row.length === shape[1]);
  expect(shape.length === 2 && isEven, 'SHAPE', () => ({
    where: 'matrix',
    what: 'the numbers',
    expected: 'rows of one length, or a tensor of two axes',
    actual: isList ? `rows of ${rows.map((row) => row.length)}` : showShape(shape),
  }));
  const data = isList ? Float64Array.from(rows.flat()) : Float64Array.from(given.data);
  return { shape: shape as [number, number], data };
}

/** The matrix, which must have as many rows as columns. */
export function squareMatrix(where: string, values: MatrixLike): Matrix {
  const made = matrix(values);
  expect(made.shape[0] === made.shape[1], 'SHAPE', () => ({
    where,
    what: 'the matrix',
    expected: 'square',
    actual: showShape(made.shape),
  }));
  return made;
}

/** Rows and columns exchanged. */
export function transposed({ shape: [rows, columns], data }: Matrix): Matrix {
  const made = zeroMatrix(columns, rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) made.data[j * rows + i] = data[i * columns + j] as number;
  }
  return made;
}

/** The product a b. */
export function product(a: Matrix, b: Matrix): Matrix {
  const [rows, inner] = a.shape;
  const [length, columns] = b.shape;
  expect(inner === length, 'SHAPE', () => ({
    where: 'product',
    what: 'the rows of the second matrix',
    expected: `${inner}, the columns of the first`,
    actual: `${length}`,
  }));
  const made = zeroMatrix(rows, columns);
  for (let i = 0; i < rows; i++) {
    const row = made.data.subarray(i * columns, (i + 1) * columns);
    for (let k = 0; k < inner; k++) {
      const factor = a.data[i * inner + k] as number;
      const other = b.data.subarray(k * columns, (k + 1) * columns);
      for (let j = 0; j < columns; j++) row[j] = (row[j] as number) + factor * (other[j] as number);
    }
  }
  return made;
}

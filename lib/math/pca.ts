/** Principal components: the directions in which data varies most. */
import { expect, expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { type Matrix, type MatrixLike, matrix, product, symmetricEigen, transposed } from '../linalg';

/** Mean and principal components of data. */
export interface Pca {
  /** [F]. */
  readonly mean: Float64Array;
  /** [F, k]: directions of length 1 as columns, that of the largest variance first. */
  readonly components: Matrix;
  /** The variance along each of all F directions, falling. */
  readonly variances: Float64Array;
  /** The share of the whole variance along each of them. */
  readonly explained: Float64Array;
  /** Coordinates [N, k] of data [N, F]: (x - mean) components. */
  project(data: MatrixLike): Matrix;
  /** Data [N, F] of coordinates [N, k]: coordinates components^T + mean. */
  reconstruct(coordinates: MatrixLike): Matrix;
}

export interface PcaOptions {
  /** k, at most F. Default all. */
  readonly components?: number;
  /** Divides by N - 1 instead of N. Default false. */
  readonly unbiased?: boolean;
}

/** The mean of the rows. */
function meanOf({ shape: [rows, columns], data }: Matrix): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) mean[i % columns] = (mean[i % columns] as number) + (data[i] as number) / rows;
  return mean;
}

/** Every row plus `sign` times `row`. */
const shifted = ({ shape, data }: Matrix, row: Float64Array, sign: number): Matrix => ({
  shape,
  data: data.map((x, i) => x + sign * (row[i % shape[1]] as number)),
});

/** The first `count` columns. */
const firstColumns = ({ shape: [rows, columns], data }: Matrix, count: number): Matrix => ({
  shape: [rows, count],
  data: Float64Array.from(
    { length: rows * count },
    (_, i) => data[Math.floor(i / count) * columns + (i % count)] as number,
  ),
});

/**
 * The eigenvectors of the covariance C = (X - mean)^T (X - mean) / N, in falling order of their eigenvalues, the variances
 * along them (Pearson 1901, Hotelling 1933).
 *
 * The first k of them keep as much variance as k directions can: what is lost, the mean squared distance from data to its
 * reconstruction, is the sum of the other eigenvalues.
 *
 * @param data [N, F]
 * @throws ConvoltError `SHAPE` or `DATA` for anything but rows of one length; `VALUE` for more components than columns
 * @example
 * const { project, explained } = math.pca(images, { components: 32 });
 * const coordinates = project(images); // [N, 32]
 */
export function pca(data: MatrixLike, options: PcaOptions = {}): Pca {
  expectOptions('pca', options, ['components', 'unbiased']);
  const given = matrix(data);
  const [rows, columns] = given.shape;
  const { components: count = columns, unbiased = false } = options;
  expectWhole('pca', 'the number of components', count, 1);
  expect(rows > Number(unbiased) && count <= columns, 'VALUE', () => ({
    where: 'pca',
    what: 'the data',
    expected: `at least ${1 + Number(unbiased)} rows of ${count} columns`,
    actual: `${rows} rows of ${columns}`,
  }));
  const mean = meanOf(given);
  const centred = shifted(given, mean, -1);
  const scatter = product(transposed(centred), centred);
  const divisor = rows - Number(unbiased);
  const eigen = symmetricEigen({ shape: scatter.shape, data: scatter.data.map((x) => x / divisor) });
  const variances = eigen.values.map((x) => Math.max(x, 0)); // rounding may leave less than 0
  const whole = variances.reduce((sum, x) => sum + x, 0);
  const components = firstColumns(eigen.vectors, count);
  return {
    mean,
    components,
    variances,
    explained: variances.map((x) => (whole > 0 ? x / whole : 0)),
    project: (x) => product(shifted(matrix(x), mean, -1), components),
    reconstruct: (x) => shifted(product(matrix(x), transposed(components)), mean, 1),
  };
}

/** Dense linear algebra on the host, in float64. */
export * from './decompositions';
export * from './fourier';
export { type Matrix, type MatrixLike, matrix, product, transposed } from './matrix';
export * from './solve';

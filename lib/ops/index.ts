/** All ops. */
export * from './along-axis';
export * from './argmax';
export { binarize } from './binarize';
export * from './binary-conv2d';
export * from './binary-matmul';
export type { BinaryOutput, BitOutput, ScaledOutput } from './binary-output';
export * from './check-finite';
export * from './concat';
export * from './conv2d';
export { type Conv2dTransposeOptions, conv2dTranspose } from './conv2d-transpose';
export { type ConvolutionAlgorithm, setConvolutionAlgorithm } from './convolution-algorithm';
export * from './copy';
export * from './elementwise';
export * from './exact-variance';
export * from './fft';
export * from './gather';
export * from './gru';
export * from './im2col';
export * from './inverted-bottleneck';
export * from './lstm';
export * from './matmul';
export * from './max-pool-bits';
export * from './max-unpool';
export * from './one-hot';
export { packBits, unpackBits } from './pack-bits';
export * from './pad';
export {
  type AveragePoolOptions,
  adaptiveAveragePool,
  averagePool,
  globalAveragePool,
  globalMaxPool,
  maxPool,
  type PoolOptions,
} from './pool';
export { byteOf, quantizationOf, symmetricScale, type WeightBits } from './quantization-range';
export * from './quantize-linear';
export * from './quantized-add';
export * from './quantized-conv2d';
export { quantizedLstm } from './quantized-lstm';
export * from './quantized-matmul';
export * from './quantized-pool';
export * from './random';
export * from './reduce';
export * from './scan';
export * from './sequence-mask';
export { expandDims, flatten, reshape, squeeze, stopGradient } from './shape';
export * from './slice';
export * from './softmax';
export { constant, feed, type Operand, state, statePath } from './source';
export * from './top-k';
export * from './transpose';

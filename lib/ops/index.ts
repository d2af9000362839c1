/** All ops. */
export * from './along-axis';
export * from './argmax';
export { binarize } from './binarize';
export * from './binary-conv2d';
export * from './binary-matmul';
export type { BinaryOutput, BitOutput, ScaledOutput } from './binary-output';
export * from './check-finite';
export * from './concat';
export { type Conv2dOptions, conv2d } from './conv2d';
export { type Conv2dTransposeOptions, conv2dTranspose } from './conv2d-transpose';
export { type ConvolutionAlgorithm, setConvolutionAlgorithm } from './convolution-algorithm';
export {
  abs,
  add,
  broadcastTo,
  cast,
  clip,
  cos,
  div,
  equal,
  erf,
  exp,
  expm1,
  floor,
  greater,
  greaterEqual,
  isFinite,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  notEqual,
  pow,
  reciprocal,
  round,
  sigmoid,
  sign,
  sin,
  sqrt,
  square,
  sub,
  tanh,
  where,
} from './elementwise';
export * from './fft';
export * from './gather';
export * from './gru';
export * from './im2col';
export { type ChannelFilter, type Clip, type Expansion, invertedBottleneck } from './inverted-bottleneck';
export * from './lstm';
export * from './matmul';
export * from './max-pool-bits';
export * from './max-unpool';
export * from './one-hot';
export { packBits, unpackBits } from './pack-bits';
export { type PadMode, type PadOptions, pad } from './pad';
export {
  type AveragePoolOptions,
  adaptiveAveragePool,
  averagePool,
  globalAveragePool,
  globalMaxPool,
  maxPool,
  type PoolOptions,
} from './pool';
export type { WeightBits } from './quantization-range';
export { dequantizeLinear, mapBytes, type Quantization, quantizeLinear, requantize } from './quantize-linear';
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
export { type SliceOptions, slice } from './slice';
export * from './softmax';
export { constant, feed, type Operand, state } from './source';
export * from './top-k';
export * from './transpose';

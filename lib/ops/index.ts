/** All ops. */
export * from './along-axis';
export * from './argmax';
export * from './check-finite';
export * from './concat';
export * from './conv2d';
export * from './conv2d-transpose';
export * from './convolution-algorithm';
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
export * from './max-unpool';
export * from './one-hot';
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
export * from './random';
export * from './reduce';
export * from './scan';
export * from './sequence-mask';
export * from './shape';
export * from './slice';
export * from './softmax';
export * from './source';
export * from './top-k';
export * from './transpose';

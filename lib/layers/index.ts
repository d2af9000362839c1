/** Layers: functions of an input and a scope that declare parameters where they use them. */
export * from './activations';
export type { AffineOptions } from './affine';
export * from './batch-norm';
export type { Blocks } from './blocks';
export * from './branch';
export * from './conv2d';
export * from './conv2d-transpose';
export * from './dense';
export * from './dropout';
export * from './embedding';
export * from './gru';
export { type Block, type Layer, layer } from './layer';
export { type LstmOptions, lstm } from './lstm';
export * from './pool';
export * from './pyramidal';
export {
  type Recurrence,
  type RecurrentLayer,
  type RecurrentOptions,
  type RunResult,
  recurrent,
  type Steps,
  zeroState,
} from './recurrent';
export type { RecurrentAffineOptions } from './recurrent-affine';
export type { RunOptions } from './recurrent-run';
export * from './rescale';
export * from './rnn';
export * from './sequential';
export * from './shape';
export * from './stack-rnn';

/** Composites: plain functions over ops. */
export * from './activations';
export {
  type Attended,
  type AttendOptions,
  additiveScores,
  attend,
  dotScores,
  localWindow,
  predictedPosition,
} from './attention';
export * from './batch-normalize';
export {
  type BatchNormalized,
  type BatchNormalizeOptions,
  batchNormalize,
} from './batch-normalize';
export {
  type BinarySignOptions,
  binarySign,
  type SignSurrogate,
  stochasticSign,
} from './binary-sign';
export { type BinaryWeights, binaryWeights, type WeightGradient } from './binary-weights';
export { channelShuffle } from './channel-shuffle';
export { type DeformableConv2dOptions, deformableConv2d } from './deformable-conv2d';
export { type DropoutOptions, dropout } from './dropout';
export * from './elman-cell';
export { euclideanNorm } from './euclidean-norm';
export * from './fake-quantize';
export * from './gru-cell';
export * from './hard-tanh';
export { type L2NormalizeOptions, l2Normalize } from './l2-normalize';
export { type LocalResponseOptions, localResponseNorm } from './local-response-norm';
export { type LpPoolOptions, lpPool } from './lp-pool';
export {
  coupledLstmCell,
  type LstmState,
  type LstmVariant,
  lstmCell,
  type Peepholes,
  peepholeLstmCell,
} from './lstm-cell';
export { maxout } from './maxout';
export { median } from './median';
export { type Merge, mergeValues } from './merge';
export { type PairOptions, pairSteps } from './pair-steps';
export * from './pattern-filters';
export { type RandomizedReluOptions, randomizedRelu } from './randomized-relu';
export { type ResizeOptions, resize } from './resize';
export { type SampleOptions, sample } from './sample';
export * from './softmax';
export { moveStack, type StackState, type StackWeights, stackCell } from './stack-cell';
export { epochCount, stepCount } from './step-count';
export { stochasticPool } from './stochastic-pool';
export * from './straight-through';
export type { WindowOptions } from './windows';

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
  type BinarySignOptions,
  binarySign,
  type SignSurrogate,
  stochasticSign,
} from './binary-sign';
export { type BinaryWeights, binaryWeights, type WeightGradient } from './binary-weights';
export { type DropoutOptions, dropout } from './dropout';
export * from './elman-cell';
export * from './fake-quantize';
export * from './gru-cell';
export * from './hard-tanh';
export {
  coupledLstmCell,
  type LstmState,
  type LstmVariant,
  lstmCell,
  type Peepholes,
  peepholeLstmCell,
} from './lstm-cell';
export { type Merge, mergeValues } from './merge';
export { type PairOptions, pairSteps } from './pair-steps';
export { type SampleOptions, sample } from './sample';
export * from './softmax';
export { moveStack, type StackState, type StackWeights, stackCell } from './stack-cell';
export * from './straight-through';

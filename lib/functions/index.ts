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
export { type DropoutOptions, dropout } from './dropout';
export * from './elman-cell';
export * from './gru-cell';
export {
  coupledLstmCell,
  type LstmState,
  type LstmVariant,
  lstmCell,
  type Peepholes,
  peepholeLstmCell,
} from './lstm-cell';
export { maxout } from './maxout';
export { type Merge, mergeValues } from './merge';
export { type PairOptions, pairSteps } from './pair-steps';
export { type RandomizedReluOptions, randomizedRelu } from './randomized-relu';
export { type SampleOptions, sample } from './sample';
export * from './softmax';
export { moveStack, type StackState, type StackWeights, stackCell } from './stack-cell';
export * from './straight-through';

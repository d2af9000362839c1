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
export { euclideanNorm } from './euclidean-norm';
export * from './gru-cell';
export {
  coupledLstmCell,
  type LstmState,
  type LstmVariant,
  lstmCell,
  type Peepholes,
  peepholeLstmCell,
} from './lstm-cell';
export { median } from './median';
export { type Merge, mergeValues } from './merge';
export { type PairOptions, pairSteps } from './pair-steps';
export { type SampleOptions, sample } from './sample';
export * from './softmax';
export { moveStack, type StackState, type StackWeights, stackCell } from './stack-cell';
export { epochCount, stepCount } from './step-count';
export * from './straight-through';

/** Composites: plain functions over ops. */
export * from './activations';
export * from './batch-normalize';
export { type DropoutOptions, dropout } from './dropout';
export { type Merge, mergeValues } from './merge';
export { type SampleOptions, sample } from './sample';
export * from './softmax';
export * from './straight-through';

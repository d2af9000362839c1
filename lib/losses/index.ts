/** Losses: prediction and target to one number per example. */
export * from './absolute-error';
export * from './binary-cross-entropy';
export * from './cross-entropy';
export type { Loss } from './loss';
export { type Reduction, type ReductionOptions, reduceLoss } from './reduce-loss';
export * from './sequence-cross-entropy';
export type { SequenceTarget } from './sequence-target';
export * from './squared-error';

/** Regularizers: penalties that are added to the loss, and proximal stages behind the update. */
export { type ElasticNetOptions, elasticNet } from './elastic-net';
export { l1 } from './l1';
export { l2 } from './l2';
export { type MaxNormOptions, maxNorm } from './max-norm';
export { combine, type PenaltyOptions, type Regularizer } from './regularizer';
export { type SoftThresholdOptions, softThreshold } from './soft-threshold';

/** Metrics: one number per example, of which the mean is reported; and tables made on the host. */
export * from './accuracy';
export * from './confusion-matrix';
export { editDistance } from './edit-distance';
export * from './errors';
export type { Metric } from './metric';
export * from './sequence-accuracy';

/** Metrics: one number per example, of which the mean is reported; and tables made on the host. */

export { editDistance } from '../graph/edit-distance';
export * from './accuracy';
export * from './confusion-matrix';
export * from './errors';
export type { Metric } from './metric';
export * from './sequence-accuracy';

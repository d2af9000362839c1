/** Smaller and faster models out of trained ones. */
export { type BinarizedModel, type BinarizeOptions, binarize } from './binarize';
export { type QuantizedModel, type QuantizeOptions, quantize } from './quantize';
export type { CalibrationMethod } from './ranges';
export type { Change, CompressionReport, LayerReport } from './report';

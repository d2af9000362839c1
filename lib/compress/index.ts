/** Smaller and faster models out of trained ones. */
export { type BinarizedModel, type BinarizeOptions, binarize } from './binarize';
export { type QuantizationAwareOptions, quantizationAware } from './quantization-aware';
export { type QuantizedModel, type QuantizeOptions, quantize } from './quantize';
export { type CalibrationMethod, calibrationMethods } from './ranges';
export type { Change, CompressionReport, LayerReport } from './report';

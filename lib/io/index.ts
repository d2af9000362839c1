/** Files: tensors (safetensors, npy, IDX), images, learning curves. */
export { writeAtomically } from './atomic-file';
export { type CurvePoint, learningCurves } from './curves';
export { type HeatMapOptions, heatMap } from './heat-map';
export { historyCsv } from './history-csv';
export { decodeIdx, encodeIdx, readIdx, writeIdx } from './idx';
export { type InputOptions, overWhite, readImage, toGrayscale, toInput } from './image';
export { decodeNpy, encodeNpy, readNpy, writeNpy } from './npy';
export { decodePng, encodePng } from './png';
export { resize } from './resize';
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type TensorFile,
  writeSafetensors,
} from './safetensors';

/** Layers: functions of an input and a scope that declare parameters where they use them. */
export * from './activations';
export type { AffineOptions } from './affine';
export * from './batch-norm';
export type { Blocks } from './blocks';
export * from './branch';
export * from './conv2d';
export * from './conv2d-transpose';
export * from './dense';
export * from './dropout';
export * from './embedding';
export { type Block, type Layer, layer } from './layer';
export * from './pool';
export * from './rescale';
export * from './sequential';
export * from './shape';

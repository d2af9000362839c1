/** Layers: functions of an input and a scope that declare parameters where they use them. */
export * from './activations';
export { activityPenalty } from './activity-penalty';
export type { AffineOptions } from './affine';
export * from './attention';
export { additiveScore, concatScore, dotScore, generalScore, type Score } from './attention-scores';
export * from './batch-norm';
export type { BinaryAffineOptions, BinaryMethod } from './binary-affine';
export { type BinaryConv2dOptions, binaryConv2d } from './binary-conv2d';
export * from './binary-dense';
export type { Blocks } from './blocks';
export * from './branch';
export { channelShuffle } from './channel-shuffle';
export * from './class-weights';
export * from './conv2d';
export * from './conv2d-transpose';
export {
  type Advance,
  type Decoder,
  type DecoderOptions,
  type DecoderStep,
  type DecoderVariant,
  decoder,
  type Encoding,
  type OpenDecoder,
} from './decoder';
export * from './decoders';
export { type DeformableConv2dOptions, deformableConv2d } from './deformable-conv2d';
export * from './dense';
export * from './dropout';
export * from './embedding';
export * from './encoder-decoder';
export { gaussianNoise } from './gaussian-noise';
export * from './gru';
export { type Block, type Layer, layer } from './layer';
export { type LstmOptions, lstm } from './lstm';
export * from './maxout';
export * from './mlpconv';
export * from './normalizations';
export * from './pool';
export * from './prelu';
export * from './pyramidal';
export * from './randomized-relu';
export {
  type Recurrence,
  type RecurrentLayer,
  type RecurrentOptions,
  type RunResult,
  recurrent,
  type Steps,
  zeroState,
} from './recurrent';
export type { RecurrentAffineOptions } from './recurrent-affine';
export * from './recurrent-encoder';
export type { RunOptions } from './recurrent-run';
export { replaceLayers } from './replace-layers';
export { replacePooling } from './replace-pooling';
export type { MakeBlock } from './replacement';
export * from './rescale';
export * from './resize';
export * from './rnn';
export * from './sequential';
export * from './shape';
export { slidingDense } from './sliding-dense';
export * from './stack-rnn';

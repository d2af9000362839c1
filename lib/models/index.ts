/** Sessions, the training loop, checkpoints and classic networks. */
export {
  type ActivationResult,
  type ActivationStudy,
  type ActivationStudyOptions,
  type Activations,
  activationStudy,
} from './activation-study';
export { activeFractions } from './active-fractions';
export { type AntiOverfitting, type AntiOverfittingOptions, antiOverfitting } from './anti-overfitting';
export { auditInitialization, type WeightAudit } from './audit-initialization';
export type { Augment } from './batch-source';
export { type BeamSearchOptions, beamSearch } from './beam-search';
export type { CheckpointInfo } from './checkpoint';
export type { InferenceOptions, InputTypes } from './compile-for-inference';
export { CovariateShiftProbe, covariateShiftProbe, type LayerShift } from './covariate-shift';
export { type DropoutEnsemble, type DropoutEnsembleOptions, dropoutEnsemble } from './dropout-ensemble';
export { EarlyStopping, type EarlyStoppingOptions } from './early-stopping';
export { type Examples, evaluate, predict } from './evaluate';
export { epochs, type FitOptions, fit } from './fit';
export { type ForgetBiasOptions, forgetBiasProfile } from './forget-bias-profile';
export { type GateAblation, type GateAblationOptions, gateAblation } from './gate-ablation';
export { type GenerateOptions, type GenerateTextOptions, generate, generateText } from './generate';
export { type GreedyOptions, greedy } from './greedy';
export type { EpochReport, History, Means, Progress } from './history';
export { InferenceModel, loadInferenceModel } from './inference';
export type { Criterion, InputData, Model } from './model';
export * from './model-cost';
export * from './networks';
export type { ChannelMoments } from './population-statistics';
export { initializeFromPretrained, type PretrainedOptions, type PretrainedReport } from './pretrained';
export { type RecalibrateOptions, recalibrate } from './recalibrate';
export {
  type GradientProfile,
  type GradientProfileOptions,
  recurrentGradientProfile,
} from './recurrent-gradient-profile';
export { type Measures, Session } from './session';
export type { SessionOptions } from './session-options';
export { Stream, type StreamData, type StreamOutput } from './stream';
export type { CarriedNumbers } from './stream-lane';
export { loadStreamingModel, StreamingModel, type StreamOptions } from './streaming-model';
export type { Objective } from './train-step';
export type { SourceData, Written } from './written';

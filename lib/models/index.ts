/** Sessions, the training loop, checkpoints and classic networks. */

export {
  type ActivationResult,
  type ActivationStudy,
  type ActivationStudyOptions,
  type Activations,
  activationStudy,
} from './activation-study';
export { activeFractions } from './active-fractions';
export { type Action, type Advice, type AdviseOptions, advise, showAdvice } from './advise';
export { type AntiOverfitting, type AntiOverfittingOptions, antiOverfitting } from './anti-overfitting';
export { auditInitialization, type WeightAudit } from './audit-initialization';
export type { Augment } from './batch-source';
export { type BeamSearchOptions, beamSearch } from './beam-search';
export type { CheckpointInfo } from './checkpoint';
export type { InferenceOptions, InputTypes } from './compile-for-inference';
export { CovariateShiftProbe, covariateShiftProbe, type LayerShift } from './covariate-shift';
export { type DegradationOptions, type DegradationResult, type DepthKind, degradation } from './degradation';
export { diagnoseFit, type FitDiagnosisOptions, type FitVerdict } from './diagnose-fit';
export { diagnoseGradients, type GradientDiagnosis, type GradientDiagnosisOptions } from './diagnose-gradients';
export { diagnoseLoss, type LossDiagnosisOptions, type LossVerdict } from './diagnose-loss';
export { diagnoseUnits, type UnitActivity, type UnitDiagnosis, type UnitDiagnosisOptions } from './diagnose-units';
export { type Diagnosis, showDiagnosis } from './diagnosis';
export { type DropoutEnsemble, type DropoutEnsembleOptions, dropoutEnsemble } from './dropout-ensemble';
export { EarlyStopping, type EarlyStoppingOptions } from './early-stopping';
export { type Examples, evaluate, predict } from './evaluate';
export { fisher } from './fisher';
export { epochs, type FitOptions, fit } from './fit';
export { type ForgetBiasOptions, forgetBiasProfile } from './forget-bias-profile';
export { type GateAblation, type GateAblationOptions, gateAblation } from './gate-ablation';
export { type GenerateOptions, type GenerateTextOptions, generate, generateText } from './generate';
export { type GradientNoise, type GradientNoiseOptions, gradientNoise } from './gradient-noise';
export { type GreedyOptions, greedy } from './greedy';
export { type Curvatures, curvatures, hessian } from './hessian';
export type { EpochReport, History, Means, Progress } from './history';
export { InferenceModel, loadInferenceModel } from './inference';
export { type InputSizeReport, inputSides, inputSizeReport, layerPreset } from './input-size';
export { type LearningRateRange, type LearningRateRangeOptions, learningRateRange } from './learning-rate-range';
export type { Criterion, InputData, Model } from './model';
export * from './model-cost';
export * from './networks';
export { type NaturalGradientOptions, type NewtonOptions, naturalGradientStep, newtonStep } from './newton-step';
export { lossOf, parametersAsVector, setParameters } from './parameter-vector';
export type { ChannelMoments } from './population-statistics';
export { initializeFromPretrained, type PretrainedOptions, type PretrainedReport } from './pretrained';
export { type RecalibrateOptions, recalibrate } from './recalibrate';
export {
  type GradientProfile,
  type GradientProfileOptions,
  recurrentGradientProfile,
} from './recurrent-gradient-profile';
export { ReduceOnPlateau, type ReduceOnPlateauOptions } from './reduce-on-plateau';
export { reinitialize } from './reinitialize';
export { type Measures, Session } from './session';
export type { SessionOptions } from './session-options';
export { Stream, type StreamData, type StreamOutput } from './stream';
export type { CarriedNumbers } from './stream-lane';
export { loadStreamingModel, StreamingModel, type StreamOptions } from './streaming-model';
export type { Objective } from './train-step';
export { diagnoseBatchSize } from './training-watch';
export type { SourceData, Written } from './written';

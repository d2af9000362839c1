/** Optimizers: chains of small stages from gradients to what is added to the parameters. */
export * from './adadelta';
export * from './adagrad';
export * from './adam';
export type { AdaptiveOptions } from './adaptive';
export * from './chain';
export * from './clip';
export type { EpsilonMode } from './epsilon';
export * from './groups';
export * from './momentum';
export type { PathMatch } from './path-match';
export * from './rmsprop';
export { type AdamScaling, scaleByAdam } from './scale-by-adam';
export * from './scale-by-rate';
export * from './sgd';
export type { ByPath, Transform } from './transform';
export * from './weight-decay';

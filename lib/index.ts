/**
 * Convolt: describe networks in TypeScript, train and run them natively on the CPU.
 *
 * The names of each floor stand in a namespace (`layers`, `losses`, ...); what every program needs stands at the top.
 */
/// <reference lib="esnext.disposable" preserve="true" />
export { compile, type ProgramSpec } from './compiler/compile';
export { gradients } from './compiler/differentiate';
export { jacobian, jacobianVector, vectorJacobian } from './compiler/jacobian';
export * as compress from './compress';

export * as data from './data';
export * as functions from './functions';
export { ConvoltError, type ErrorCode } from './graph/errors';
export { type Initializer, Scope } from './graph/scope';
export { type DType, type Shape, type Tensor, tensor } from './graph/tensor';
export { named, type Value } from './graph/value';
export * as initializers from './initializers';
export * as io from './io';
export * as layers from './layers';
export * as linalg from './linalg';
export * as losses from './losses';
export * as math from './math';
export * as metrics from './metrics';
export * from './models';
export * as ops from './ops';
export * as optimizers from './optimizers';
export { gradientCheck } from './reference';
export * as regularizers from './regularizers';
export { info, type NativeInfo, nativeBytes, setThreads } from './runtime/addon';
export { Program } from './runtime/program';
export { Store } from './runtime/store';
export * as schedules from './schedules';

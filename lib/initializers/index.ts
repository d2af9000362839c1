/** Initializers: the first numbers of a parameter as a pure function of its shape and a random key. */
export type { Initializer } from '../graph/scope';
export * from './constant';
export type { FanMode } from './fans';
export * from './he';
export * from './random';
export * from './xavier';

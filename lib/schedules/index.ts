/** Schedules: rates as traced functions of the step. */
export { adjustable } from './adjustable';
export * from './annealed-margin';
export * from './by-epoch';
export * from './change-points';
export * from './cyclic-cosine';
export * from './decays';
export * from './linear';
export type { Rate, Schedule } from './schedule';
export * from './warm-up';

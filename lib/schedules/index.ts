/** Schedules: rates as traced functions of the step. */
export * from './annealed-margin';
export * from './decays';
export type { Rate, Schedule } from './schedule';
export * from './warm-up';

/** Stages of an optimizer, one after the other. */
import type { Transform } from './transform';

/**
 * An optimizer of stages: the first is given the gradients, each other what the one before it returned.
 *
 * @example chain(clipByGlobalNorm(1), scaleByAdam(), scaleByRate(0.001))
 */
export const chain =
  (...stages: readonly Transform[]): Transform =>
  (gradients, parameters, scope) =>
    stages.reduce((updates, stage) => stage(updates, parameters, scope), new Map(gradients));

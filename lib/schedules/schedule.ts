/** What a schedule is: a rate as a traced function of the step. */

import { expectNumber } from '../functions/option-values';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { constant } from '../ops/source';

/**
 * The rate of a step: a float32 scalar that counts the steps done so far, 0 for the first. A schedule with a state of
 * its own (`adjustable`) keeps it in the scope, which every optimizer passes on.
 */
export type Schedule = (step: Value, scope?: Scope) => Value;

/** A fixed number of 0 or more, or a schedule. */
export type Rate = number | Schedule;

/** Throws unless `rate` is a finite number of 0 or more, or a schedule. */
export function expectRate(where: string, rate: Rate, what = 'the rate'): void {
  if (typeof rate !== 'function') expectNumber(where, what, rate, { least: 0 });
}

/** The rate at `step`. */
export const rateAt = (rate: Rate, step: Value, scope?: Scope): Value =>
  typeof rate === 'number' ? constant(rate) : rate(step, scope);

/** What a schedule is: a rate as a traced function of the step. */

import { expectNumber } from '../functions/option-values';
import type { Value } from '../graph/value';
import { constant } from '../ops/source';

/** The rate of a step: a float32 scalar that counts the steps done so far, 0 for the first. */
export type Schedule = (step: Value) => Value;

/** A fixed number of 0 or more, or a schedule. */
export type Rate = number | Schedule;

/** Throws unless `rate` is a finite number of 0 or more, or a schedule. */
export function expectRate(where: string, rate: Rate): void {
  if (typeof rate !== 'function') expectNumber(where, 'the rate', rate, { least: 0 });
}

/** The rate at `step`. */
export const rateAt = (rate: Rate, step: Value): Value => (typeof rate === 'number' ? constant(rate) : rate(step));

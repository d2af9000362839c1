/** The weight of the plain logit beside one with a margin: large at first, so that training can begin. */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { add, maximum, mul, pow } from '../ops/elementwise';
import type { Schedule } from './schedule';

export interface AnnealedMarginOptions {
  /** Lambda at the first step, 0 or more. Default 1000. */
  readonly base?: number;
  /** How fast it falls, 0 or more. Default 0.12. */
  readonly gamma?: number;
  /** Default 1. */
  readonly power?: number;
  /** What it does not fall below, 0 or more. Default 0. */
  readonly least?: number;
}

/**
 * lambda = max(least, base * (1 + gamma * t)^-power) (Liu et al. 2016, 2017): how much the logit without a margin still
 * counts after t steps, in `losses.lSoftmax` and `losses.aSoftmax`: training begins as softmax, which always converges, and
 * ends with most of the margin.
 *
 * @example losses.aSoftmax({ margin: 4, lambda: schedules.annealedMargin({ gamma: 1.2, least: 5 }) })
 */
export function annealedMargin(options: AnnealedMarginOptions = {}): Schedule {
  expectOptions('annealedMargin', options, ['base', 'gamma', 'power', 'least']);
  const { base = 1000, gamma = 0.12, power = 1, least = 0 } = options;
  for (const [what, value] of Object.entries({ base, gamma, least }))
    expectNumber('annealedMargin', what, value, { least: 0 });
  expectNumber('annealedMargin', 'power', power);
  return (step) => maximum(mul(pow(add(mul(step, gamma), 1), -power), base), least);
}

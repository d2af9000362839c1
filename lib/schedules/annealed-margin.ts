/** The weight of the plain softmax while a margin is phased in. */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { add, maximum, mul, pow } from '../ops/elementwise';
import type { Schedule } from './schedule';

export interface AnnealedMarginOptions {
  /** lambda at step 0. Default 1000. */
  readonly base?: number;
  /** How fast it falls. Default 0.12. */
  readonly gamma?: number;
  /** Default 1. */
  readonly power?: number;
  /** Where it stays at last. Default 5, for A-softmax; L-softmax goes down to 0. */
  readonly floor?: number;
}

/**
 * lambda = max(floor, base * (1 + gamma * t)^(-power)) (Liu et al. 2016, 2017). A loss with a margin mixes its target score
 * f with the plain one p as (lambda * p + f) / (1 + lambda): it begins as softmax, which always converges, and ends with
 * most of the margin.
 *
 * @example annealedMargin({ gamma: 1.2, floor: 0 })
 */
export function annealedMargin(options: AnnealedMarginOptions = {}): Schedule {
  expectOptions('annealedMargin', options, ['base', 'gamma', 'power', 'floor']);
  const { base = 1000, gamma = 0.12, power = 1, floor = 5 } = options;
  for (const [name, value] of Object.entries({ base, gamma, power, floor })) {
    expectNumber('annealedMargin', name, value, { least: 0 });
  }
  return (step) => maximum(mul(pow(add(mul(step, gamma), 1), -power), base), floor);
}

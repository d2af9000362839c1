/** Stochastic gradient descent, with or without momentum. */

import { expectChoice } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Rate } from '../schedules/schedule';
import { chain } from './chain';
import { momentum as momentumStage } from './momentum';
import type { PathMatch } from './path-match';
import { scaleByRate } from './scale-by-rate';
import type { Transform } from './transform';
import { weightDecay as weightDecayStage } from './weight-decay';

export interface SgdOptions {
  readonly rate: Rate;
  /** From 0 to below 1. Default 0. */
  readonly momentum?: number;
  /** Take the gradient at the look-ahead point. Default false. */
  readonly nesterov?: boolean;
  /**
   * What the momentum gathers: 'notes' (default) steps, v <- mu * v - rate * g, w <- w + v; 'torch' gradients,
   * v <- mu * v + g, w <- w - rate * v. They differ only while the rate changes.
   */
  readonly form?: 'notes' | 'torch';
  /** lambda of an l2 penalty lambda / 2 * w^2, added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** Which parameters decay; default all. */
  readonly decayMatch?: PathMatch;
}

/** w <- w - rate * g for momentum 0. */
export function sgd(options: SgdOptions): Transform {
  expectOptions('sgd', options, ['rate', 'momentum', 'nesterov', 'form', 'weightDecay', 'decayMatch']);
  const { rate, momentum: mu = 0, nesterov = false, form = 'notes', weightDecay = 0, decayMatch: match } = options;
  expectChoice('sgd', 'form', form, ['notes', 'torch']);
  expect(mu > 0 || !nesterov, 'OPTION', () => ({
    where: 'sgd',
    what: 'nesterov',
    expected: 'used with momentum',
    actual: `momentum ${mu}`,
  }));
  const scale = scaleByRate(rate);
  const decay = weightDecayStage(weightDecay, { match });
  const gather = momentumStage({ mu, nesterov });
  if (mu === 0) return chain(decay, scale);
  return form === 'notes' ? chain(decay, scale, gather) : chain(decay, gather, scale);
}

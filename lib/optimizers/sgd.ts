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
  /** mu, from 0 to below 1, or a schedule, e.g. `linear({ from: 0.5, to: 0.9, steps: 1000 })`. Default 0: none. */
  readonly momentum?: Rate;
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

/**
 * w <- w - rate * g; with momentum v <- mu * v - rate * g, w <- w + v (Robbins and Monro 1951, Polyak 1964, Nesterov 1983).
 *
 * g is the gradient of the mean loss of a batch: of the whole data (batch gradient descent), of one example (stochastic),
 * or of some 32 to 256 (mini-batches). Momentum averages it over the last 1 / (1 - mu) steps or so, which damps oscillation
 * across valleys and carries across small bumps.
 *
 * @param options.rate of 0 or more, or a schedule
 * @example sgd({ rate: 0.05, momentum: 0.9, nesterov: true })
 */
export function sgd(options: SgdOptions): Transform {
  expectOptions('sgd', options, ['rate', 'momentum', 'nesterov', 'form', 'weightDecay', 'decayMatch']);
  const { rate, momentum: mu = 0, nesterov = false, form = 'notes', weightDecay = 0, decayMatch: match } = options;
  expectChoice('sgd', 'form', form, ['notes', 'torch']);
  expect(mu !== 0 || !nesterov, 'OPTION', () => ({
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

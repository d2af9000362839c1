/** What optimizers with a rate per parameter share: a decay, a direction, a step. */
import { expectOptions } from '../graph/errors';
import type { Rate } from '../schedules/schedule';
import { chain } from './chain';
import type { PathMatch } from './path-match';
import { scaleByRate } from './scale-by-rate';
import type { Transform } from './transform';
import { weightDecay as weightDecayStage } from './weight-decay';

export interface AdaptiveOptions {
  readonly rate?: Rate;
  /** lambda of an l2 penalty lambda / 2 * w^2, added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** Which parameters decay; default all. */
  readonly decayMatch?: PathMatch;
}

/** The three stages of an optimizer; what is not common to all of them goes to `direction`. */
export function stagesOf<Scaling extends object>(
  name: string,
  options: AdaptiveOptions & Scaling,
  scalingOptions: readonly string[],
  direction: (scaling: Scaling) => Transform,
  defaults: { rate: number; weightDecay?: number },
): { decay: Transform; direction: Transform; step: Transform } {
  expectOptions(name, options, ['rate', 'weightDecay', 'decayMatch', ...scalingOptions]);
  const { rate = defaults.rate, weightDecay = defaults.weightDecay ?? 0, decayMatch: match, ...scaling } = options;
  return {
    decay: weightDecayStage(weightDecay, { match }),
    direction: direction(scaling as unknown as Scaling),
    step: scaleByRate(rate),
  };
}

/** Decay, direction and step, one after the other. */
export function adaptive<Scaling extends object>(...parts: Parameters<typeof stagesOf<Scaling>>): Transform {
  const { decay, direction, step } = stagesOf<Scaling>(...parts);
  return chain(decay, direction, step);
}

/** Adam and AdamW. */
import { expectOptions } from '../graph/errors';
import type { Rate } from '../schedules/schedule';
import { chain } from './chain';
import type { PathMatch } from './path-match';
import { type AdamScaling, adamScalingOptions, scaleByAdam } from './scale-by-adam';
import { scaleByRate } from './scale-by-rate';
import type { Transform } from './transform';
import { weightDecay as weightDecayStage } from './weight-decay';

export interface AdamOptions extends AdamScaling {
  /** Default 0.001. */
  readonly rate?: Rate;
  /** Default 0 for `adam`, 0.01 for `adamw`. */
  readonly weightDecay?: number;
  /** Which parameters decay; default all. */
  readonly decayMatch?: PathMatch;
}

/** The stages of an Adam by its options. */
function stagesOf(name: string, options: AdamOptions, defaultDecay: number) {
  expectOptions(name, options, ['rate', 'weightDecay', 'decayMatch', ...adamScalingOptions]);
  const { rate = 0.001, weightDecay = defaultDecay, decayMatch: match, ...scaling } = options;
  return { decay: weightDecayStage(weightDecay, { match }), direction: scaleByAdam(scaling), step: scaleByRate(rate) };
}

/**
 * w <- w - rate * m' / (sqrt(v') + epsilon) with bias-corrected moments (Kingma and Ba 2015); weight decay, if any,
 * is that of an l2 penalty.
 */
export function adam(options: AdamOptions = {}): Transform {
  const { decay, direction, step } = stagesOf('adam', options, 0);
  return chain(decay, direction, step);
}

/** Adam with decoupled weight decay: w <- w - rate * (m' / (sqrt(v') + epsilon) + lambda * w) (Loshchilov 2019). */
export function adamw(options: AdamOptions = {}): Transform {
  const { decay, direction, step } = stagesOf('adamw', options, 0.01);
  return chain(direction, decay, step);
}

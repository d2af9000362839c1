/** Adam and AdamW. */
import { type AdaptiveOptions, adaptive, stagesOf } from './adaptive';
import { chain } from './chain';
import { type AdamScaling, adamScalingOptions, scaleByAdam } from './scale-by-adam';
import type { Transform } from './transform';

/** `rate`: default 0.001. `weightDecay`: default 0 for `adam`, 0.01 for `adamw`. */
export interface AdamOptions extends AdaptiveOptions, AdamScaling {}

/**
 * w <- w - rate * m' / (sqrt(v') + epsilon) with bias-corrected moments m' and v', as `scaleByAdam` makes them (Kingma and
 * Ba 2015); weight decay, if any, is that of an l2 penalty. No step is much longer than the rate, whatever the size of the
 * gradients.
 *
 * @param options.rate default 0.001
 * @param options.beta1 default 0.9; `beta2` 0.999; `epsilon` 1e-8, with `epsilonMode` 'outside' of the root
 * @example adam({ rate: 0.003 })
 */
export const adam = (options: AdamOptions = {}): Transform =>
  adaptive<AdamScaling>('adam', options, adamScalingOptions, scaleByAdam, { rate: 0.001 });

/**
 * Adam with decoupled weight decay: w <- w - rate * (m' / (sqrt(v') + epsilon) + lambda * w) (Loshchilov and Hutter 2019).
 *
 * @param options.weightDecay lambda, default 0.01
 * @example adamw({ rate: 0.003, weightDecay: 0.05, decayMatch: /weight$/ })
 */
export function adamw(options: AdamOptions = {}): Transform {
  const defaults = { rate: 0.001, weightDecay: 0.01 };
  const { decay, direction, step } = stagesOf<AdamScaling>('adamw', options, adamScalingOptions, scaleByAdam, defaults);
  return chain(direction, decay, step);
}

/** RMSProp: gradients over the root of their recent mean square (Tieleman and Hinton 2012). */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { add, div, mul, square } from '../ops/elementwise';
import { type AdaptiveOptions, adaptive } from './adaptive';
import { type EpsilonMode, expectEpsilon, rootOf } from './epsilon';
import { mapUpdates, movingState, type Transform } from './transform';

/** Options of the direction of `rmsprop`. */
export interface RmsScaling {
  /** gamma, the share of the old mean square, from 0 to below 1. Default 0.9. */
  readonly decay?: number;
  /** Keeps the root from being 0; above 0. Default 1e-6. */
  readonly epsilon?: number;
  /** Default 'inside': g / sqrt(s + epsilon). */
  readonly epsilonMode?: EpsilonMode;
}

const scalingOptions = ['decay', 'epsilon', 'epsilonMode'];

/** s <- gamma * s + (1 - gamma) * g^2, u = g / sqrt(s + epsilon): the direction of `rmsprop`. */
export function scaleByRms(options: RmsScaling = {}): Transform {
  expectOptions('scaleByRms', options, scalingOptions);
  const { decay = 0.9, epsilon = 1e-6, epsilonMode = 'inside' } = options;
  expectNumber('scaleByRms', 'decay', decay, { least: 0, below: 1 });
  expectEpsilon('scaleByRms', epsilon, epsilonMode);
  return (gradients, _, scope) =>
    scope.child('rms', (inner) =>
      mapUpdates(gradients, (g, path) => {
        const next = (old: Value) => add(mul(old, decay), mul(square(g), 1 - decay));
        const s = movingState(inner, 'meanSquare', path, g, next);
        return div(g, rootOf(s, epsilon, epsilonMode));
      }),
    );
}

/**
 * s <- gamma * s + (1 - gamma) * g^2, w <- w - rate * g / sqrt(s + epsilon) (Tieleman and Hinton 2012): Adagrad that
 * forgets, so that rates do not only fall. It is Adadelta with the rate in place of the numerator. With momentum:
 * `chain(scaleByRms(), momentum(), scaleByRate(rate))`.
 *
 * @param options.rate default 0.001
 * @param options.decay gamma, default 0.9
 * @param options.epsilonMode 'outside' is PyTorch's: g / (sqrt(s) + epsilon)
 * @example rmsprop({ rate: 0.003 })
 */
export const rmsprop = (options: AdaptiveOptions & RmsScaling = {}): Transform =>
  adaptive<RmsScaling>('rmsprop', options, scalingOptions, scaleByRms, { rate: 0.001 });

/** Adadelta: steps in the units of the parameters, without a rate (Zeiler 2012). */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { add, div, mul, sqrt, square } from '../ops/elementwise';
import { type AdaptiveOptions, adaptive } from './adaptive';
import { mapUpdates, movingState, type Transform } from './transform';

/** Options of the direction of `adadelta`. */
export interface AdadeltaScaling {
  /** rho, the share of the old mean squares, from 0 to below 1. Default 0.95. */
  readonly decay?: number;
  /** Begins the steps and keeps the root from being 0; above 0. Default 1e-6. */
  readonly epsilon?: number;
}

const scalingOptions = ['decay', 'epsilon'];

/**
 * s <- rho * s + (1 - rho) * g^2, u = g * sqrt((d + epsilon) / (s + epsilon)), d <- rho * d + (1 - rho) * u^2: the direction
 * of `adadelta`.
 */
export function scaleByAdadelta(options: AdadeltaScaling = {}): Transform {
  expectOptions('scaleByAdadelta', options, scalingOptions);
  const { decay: rho = 0.95, epsilon = 1e-6 } = options;
  expectNumber('scaleByAdadelta', 'decay', rho, { least: 0, below: 1 });
  expectNumber('scaleByAdadelta', 'epsilon', epsilon, { above: 0 });
  return (gradients, _, scope) =>
    scope.child('adadelta', (inner) =>
      mapUpdates(gradients, (g, path) => {
        const mean = (x: Value) => (old: Value) => add(mul(old, rho), mul(square(x), 1 - rho));
        const s = movingState(inner, 'meanSquare', path, g, mean(g));
        let update = g;
        movingState(inner, 'meanSquareUpdate', path, g, (d) => {
          update = mul(sqrt(div(add(d, epsilon), add(s, epsilon))), g);
          return mean(update)(d);
        });
        return update;
      }),
    );
}

/**
 * s <- rho * s + (1 - rho) * g^2, u = g * sqrt((d + epsilon) / (s + epsilon)), d <- rho * d + (1 - rho) * u^2,
 * w <- w - rate * u (Zeiler 2012).
 *
 * The root mean square of former steps stands where other optimizers have a rate; none needs to be chosen.
 *
 * @param options.rate a factor of every step, default 1
 * @param options.decay rho, default 0.95
 * @example adadelta()
 */
export const adadelta = (options: AdaptiveOptions & AdadeltaScaling = {}): Transform =>
  adaptive<AdadeltaScaling>('adadelta', options, scalingOptions, scaleByAdadelta, { rate: 1 });

/** Momentum: a running sum of updates that fades by mu per step (Polyak 1964, Nesterov 1983). */

import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { named } from '../graph/value';
import { add, mul } from '../ops/elementwise';
import type { Rate } from '../schedules/schedule';
import { mapUpdates, movingState, stepCount, type Transform } from './transform';

export interface MomentumOptions {
  /** From 0 to below 1, or a schedule, e.g. `linear`. Default 0.9. */
  readonly mu?: Rate;
  /** Return mu * v + u instead of v. Default false. */
  readonly nesterov?: boolean;
}

/**
 * v <- mu * v + u, and v is the update.
 *
 * After `scaleByRate` this is v <- mu * v - rate * g, w <- w + v; before it, it is PyTorch's v <- mu * v + g,
 * w <- w - rate * v. Both are the same while the rate is constant.
 *
 * With `nesterov` the update is mu * v + u. The parameters are then those at the look-ahead point, w + mu * v, where
 * the gradient is taken; w itself is what is stored minus mu * v.
 */
export function momentum(options: MomentumOptions = {}): Transform {
  expectOptions('momentum', options, ['mu', 'nesterov']);
  const { mu = 0.9, nesterov = false } = options;
  if (typeof mu === 'number') expectNumber('momentum', 'mu', mu, { least: 0, below: 1 });
  return (updates, _, scope) =>
    scope.child('momentum', (inner) => {
      const share = typeof mu === 'number' ? mu : named('momentum', mu(stepCount(inner), inner));
      return mapUpdates(updates, (update, path) => {
        const velocity = movingState(inner, 'velocity', path, update, (old) => add(mul(old, share), update));
        return nesterov ? add(mul(velocity, share), update) : velocity;
      });
    });
}

/** The step against the gradient. */
import { named } from '../graph/value';
import { mul, neg } from '../ops/elementwise';
import { expectRate, type Rate } from '../schedules/schedule';
import { mapUpdates, stepCount, type Transform } from './transform';

/**
 * u <- -rate * u: turns a direction of ascent into the step that is added to the parameters.
 *
 * @param rate a number of 0 or more, or a schedule; of a schedule the value is named 'rate'
 */
export function scaleByRate(rate: Rate): Transform {
  expectRate('scaleByRate', rate);
  if (typeof rate === 'number') return (updates) => mapUpdates(updates, (update) => mul(update, -rate));
  return (updates, _, scope) =>
    scope.child('rate', (inner) => {
      const factor = neg(named('rate', rate(stepCount(inner), inner)));
      return mapUpdates(updates, (update) => mul(update, factor));
    });
}

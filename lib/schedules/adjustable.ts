/** A rate that training itself may change: the factor is a state, which survives in checkpoints. */
import { complaint } from '../graph/errors';
import { constant } from '../initializers/constant';
import { mul } from '../ops/elementwise';
import { expectRate, type Rate, rateAt, type Schedule } from './schedule';

/** The last part of the path of an adjustable rate's factor. */
export const adjustableState = 'adjustableRate';

/**
 * rate * f, where f is 1 at first and a state of the optimizer, which may be written to between steps:
 * `reduceOnPlateau` of `fit` multiplies it when a measure no longer improves.
 *
 * @throws ConvoltError `OPTION` while tracing where there is no optimizer to keep the factor
 * @example
 * const optimizer = sgd({ rate: adjustable(0.1), momentum: 0.9 });
 * await fit(session, train, { validation, reduceOnPlateau: { patience: 5 } });
 */
export function adjustable(rate: Rate): Schedule {
  expectRate('adjustable', rate);
  return (step, scope) => {
    if (scope) return mul(rateAt(rate, step, scope), scope.state(adjustableState, [], constant(1)));
    throw complaint('OPTION', {
      where: 'adjustable',
      what: 'the rate',
      expected: 'that of an optimizer',
      actual: 'a schedule without one',
    });
  };
}

/** A straight line from one number to another: how momentum rises, or a rate falls. */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { add, minimum, mul } from '../ops/elementwise';
import type { Schedule } from './schedule';

/**
 * from + (to - from) * min(t / steps, 1).
 *
 * Momentum begins low, while gradients are large and change their direction, and rises to 0.9 or 0.99 as training goes on
 * (Sutskever et al. 2013).
 *
 * @param options.steps after which `to` is reached, 1 or more
 * @example sgd({ rate: 0.01, momentum: linear({ from: 0.5, to: 0.9, steps: 1000 }) })
 */
export function linear(options: { from: number; to: number; steps: number }): Schedule {
  expectOptions('linear', options, ['from', 'to', 'steps']);
  const { from, to, steps } = options;
  expectNumber('linear', 'from', from, { least: 0 });
  expectNumber('linear', 'to', to, { least: 0 });
  expectWhole('linear', 'steps', steps, 1);
  return (step) => add(mul(minimum(mul(step, 1 / steps), 1), to - from), from);
}

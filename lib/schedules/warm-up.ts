/** Linear warm-up: small first steps while statistics settle (Goyal et al. 2017). */
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { add, minimum, mul } from '../ops/elementwise';
import { expectRate, type Rate, rateAt, type Schedule } from './schedule';

/**
 * The rate times min((t + 1) / steps, 1): it grows from rate / steps at the first step to the whole rate.
 *
 * @example warmUp(cosine({ rate: 0.1, steps: 10000 }), { steps: 500 })
 */
export function warmUp(rate: Rate, options: { steps: number }): Schedule {
  expectRate('warmUp', rate);
  expectOptions('warmUp', options, ['steps']);
  const { steps } = options;
  expectWhole('warmUp', 'steps', steps, 1);
  return (step, scope) => mul(rateAt(rate, step, scope), minimum(mul(add(step, 1), 1 / steps), 1));
}

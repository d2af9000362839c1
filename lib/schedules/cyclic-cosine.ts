/** Cosine annealing in cycles: the rate falls to nearly 0 and starts again, so that each cycle ends in a minimum. */
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { add, cos, mod, mul } from '../ops/elementwise';
import { expectRate, type Schedule } from './schedule';

/**
 * rate / 2 * (cos(pi * (t mod L) / L) + 1), where L = ceil(steps / cycles) is the length of a cycle (Huang et al. 2017).
 * The weights at the end of every cycle are the members of a snapshot ensemble.
 *
 * @param options.steps of the whole training
 * @param options.cycles default 5
 * @example sgd({ rate: cyclicCosine({ rate: 0.1, steps: 10000, cycles: 5 }), momentum: 0.9 })
 */
export function cyclicCosine(options: { rate: number; steps: number; cycles?: number }): Schedule {
  expectOptions('cyclicCosine', options, ['rate', 'steps', 'cycles']);
  const { rate, steps, cycles = 5 } = options;
  expectRate('cyclicCosine', rate);
  expectWhole('cyclicCosine', 'steps', steps, 1);
  expectWhole('cyclicCosine', 'cycles', cycles, 1);
  const length = Math.ceil(steps / cycles);
  return (step) => mul(add(cos(mul(mod(step, length), Math.PI / length)), 1), rate / 2);
}

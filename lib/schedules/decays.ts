/** Rates that fall as a formula of the step t says. */

import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { add, cos, div, exp, floor, minimum, mul, pow, reciprocal } from '../ops/elementwise';
import { constant as constantValue } from '../ops/source';
import { expectRate, type Schedule } from './schedule';

function expectDecay(where: string, options: { rate: number }, names: readonly string[]): void {
  expectOptions(where, options, ['rate', ...names]);
  expectRate(where, options.rate);
}

/** Always the same rate. */
export function constant(rate: number): Schedule {
  expectRate('constant', rate);
  return () => constantValue(rate);
}

/** rate * e^(-decay * t). */
export function exponential(options: { rate: number; decay: number }): Schedule {
  expectDecay('exponential', options, ['decay']);
  const { rate, decay } = options;
  expectNumber('exponential', 'decay', decay, { least: 0 });
  return (step) => mul(exp(mul(step, -decay)), rate);
}

/** rate * factor^floor(t / every): a fall every so many steps. `factor` default 0.5. */
export function stepwise(options: { rate: number; every: number; factor?: number }): Schedule {
  expectDecay('stepwise', options, ['every', 'factor']);
  const { rate, every, factor = 0.5 } = options;
  expectWhole('stepwise', 'every', every, 1);
  expectNumber('stepwise', 'factor', factor, { above: 0 });
  return (step) => mul(pow(constantValue(factor), floor(div(step, every))), rate);
}

/** rate / (1 + decay * t). */
export function inverseTime(options: { rate: number; decay: number }): Schedule {
  expectDecay('inverseTime', options, ['decay']);
  const { rate, decay } = options;
  expectNumber('inverseTime', 'decay', decay, { least: 0 });
  return (step) => mul(reciprocal(add(mul(step, decay), 1)), rate);
}

/**
 * Half a cosine wave from `rate` down to `final` (default 0) over `steps` steps, then `final` (Loshchilov and
 * Hutter 2016).
 */
export function cosine(options: { rate: number; steps: number; final?: number }): Schedule {
  expectDecay('cosine', options, ['steps', 'final']);
  const { rate, steps, final = 0 } = options;
  expectWhole('cosine', 'steps', steps, 1);
  expectNumber('cosine', 'final', final, { least: 0 });
  return (step) => {
    const angle = mul(minimum(step, steps), Math.PI / steps);
    return add(mul(add(cos(angle), 1), (rate - final) / 2), final);
  };
}

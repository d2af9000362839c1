/** Schedules in epochs instead of steps. */
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { add, floor, mul } from '../ops/elementwise';
import { expectRate, type Rate, rateAt, type Schedule } from './schedule';

/**
 * The schedule with t = floor(step / stepsPerEpoch): the rate changes between epochs only. Steps per epoch are
 * ceil(examples / batch size).
 *
 * @example byEpoch(stepwise({ rate: 0.1, every: 30 }), { stepsPerEpoch: Math.ceil(train.size / 32) })
 */
export function byEpoch(rate: Rate, options: { stepsPerEpoch: number }): Schedule {
  expectRate('byEpoch', rate);
  expectOptions('byEpoch', options, ['stepsPerEpoch']);
  const { stepsPerEpoch } = options;
  expectWhole('byEpoch', 'stepsPerEpoch', stepsPerEpoch, 1);
  // The middle of a step keeps the quotient away from whole numbers, where rounding would decide.
  return (step, scope) => rateAt(rate, floor(mul(add(step, 0.5), 1 / stepsPerEpoch)), scope);
}

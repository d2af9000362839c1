/** Rates that are changed by hand at chosen steps. */
import { expect, expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { lessEqual, where } from '../ops/elementwise';
import { constant } from '../ops/source';
import { expectRate, type Rate, rateAt, type Schedule } from './schedule';

/**
 * `rate` at first; from step t_i on r_i, for each [t_i, r_i] of `points`. Mostly the rate is lowered when the loss has
 * stopped falling, for the last epochs.
 *
 * @param options.points whole steps that rise, with the rate from then on
 * @example changePoints({ rate: 0.1, points: [[6000, 0.01], [8000, 0.001]] })
 */
export function changePoints(options: { rate: Rate; points: readonly (readonly [number, number])[] }): Schedule {
  expectOptions('changePoints', options, ['rate', 'points']);
  const { rate, points } = options;
  expectRate('changePoints', rate);
  for (const [i, [at, next]] of points.entries()) {
    expectWhole('changePoints', 'every step', at, 0);
    expectRate('changePoints', next);
    const before = points[i - 1]?.[0] ?? -1;
    expect(at > before, 'VALUE', () => ({
      where: 'changePoints',
      what: 'every step',
      expected: `after the one before it, ${before}`,
      actual: `${at}`,
    }));
  }
  return (step, scope) =>
    points.reduce(
      (current, [at, next]) => where(lessEqual(constant(at), step), constant(next), current),
      rateAt(rate, step, scope),
    );
}

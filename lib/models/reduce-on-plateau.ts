/** A rate that falls when a measure no longer improves. */
import { expectChoice, expectNumber } from '../functions/option-values';
import { complaint, expectOptions } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { adjustableState } from '../schedules/adjustable';
import type { Means } from './history';
import { Monitor, type MonitorOptions } from './monitored';
import type { Session } from './session';

export interface ReduceOnPlateauOptions extends MonitorOptions {
  /** What the rate is multiplied with, above 0 and below 1. Default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement that are tolerated. Default 10. */
  readonly patience?: number;
  /** An improvement by less than this does not count. Default 1e-4. */
  readonly threshold?: number;
  /** `relative` (default): a share of the best value; `absolute`: a difference. */
  readonly thresholdMode?: 'relative' | 'absolute';
  /** Epochs after a fall during which nothing is counted. Default 0. */
  readonly cooldown?: number;
  /** The least share of the first rate. Default 0. */
  readonly least?: number;
}

const optionNames = ['factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'least', 'monitor', 'mode'];

/**
 * Multiplies a factor, 1 at first, with `factor` whenever the watched measure has not improved for more than `patience`
 * epochs: a minimum that large steps cannot enter is reached by smaller ones.
 *
 * `fit` applies it to an optimizer whose rate is `adjustable`.
 *
 * @example
 * const session = new Session(model, { loss, optimizer: sgd({ rate: adjustable(0.1), momentum: 0.9 }) });
 * await fit(session, train, { validation, epochs: 50, reduceOnPlateau: { patience: 3, factor: 0.5 } });
 */
export class ReduceOnPlateau {
  /** What the first rate is multiplied with now. */
  factor = 1;
  private readonly monitor: Monitor;
  private readonly options: Required<Omit<ReduceOnPlateauOptions, 'monitor' | 'mode'>>;
  private best = Number.NaN;
  private waited = 0;
  private resting = 0;

  constructor(options: ReduceOnPlateauOptions = {}) {
    const where = 'reduceOnPlateau';
    expectOptions(where, options, optionNames);
    const { factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, least = 0 } = options;
    const { thresholdMode = 'relative' } = options;
    expectNumber(where, 'factor', factor, { above: 0, below: 1 });
    expectWhole(where, 'patience', patience, 0);
    expectNumber(where, 'threshold', threshold, { least: 0 });
    expectChoice(where, 'thresholdMode', thresholdMode, ['relative', 'absolute']);
    expectWhole(where, 'cooldown', cooldown, 0);
    expectNumber(where, 'least', least, { least: 0, below: 1 });
    this.monitor = new Monitor(where, options);
    this.options = { factor, patience, threshold, thresholdMode, cooldown, least };
  }

  /** Notes an epoch's measures; true when the factor falls, which is then written into the session's adjustable rates. */
  note(means: Means, session?: Session): boolean {
    const { factor, patience, cooldown, least } = this.options;
    const paths = session ? adjustablePaths(session) : [];
    const value = this.monitor.of(means);
    if (this.improves(value)) {
      this.best = value;
      this.waited = 0;
    } else this.waited++;
    if (this.resting > 0) {
      this.resting--;
      this.waited = 0;
    }
    if (this.waited <= patience) return false;
    this.resting = cooldown;
    this.waited = 0;
    const before = this.factor;
    this.factor = Math.max(this.factor * factor, least);
    for (const path of paths) {
      const now = session?.read(path) as Tensor;
      session?.write(path, { ...now, data: Float32Array.of(((now.data[0] as number) * this.factor) / before) });
    }
    return this.factor < before;
  }

  private improves(value: number): boolean {
    const { threshold, thresholdMode } = this.options;
    if (Number.isNaN(this.best)) return !Number.isNaN(value);
    const margin = thresholdMode === 'relative' ? threshold * Math.abs(this.best) : threshold;
    return this.monitor.sign * (value - this.best) > margin;
  }
}

/** Where the session's optimizer keeps the factors of its adjustable rates. */
function adjustablePaths(session: Session): readonly string[] {
  const paths = session.declarations().flatMap(({ path }) => (path.endsWith(`.${adjustableState}`) ? [path] : []));
  if (paths.length > 0) return paths;
  throw complaint('OPTION', {
    where: 'reduceOnPlateau',
    what: "the optimizer's rate",
    expected: 'schedules.adjustable(...)',
    actual: 'one that cannot be changed',
  });
}

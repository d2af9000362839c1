/** Early stopping: training ends when a measure no longer improves, and the best epoch's weights come back. */

import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import type { Means } from './history';
import { Monitor, type MonitorOptions } from './monitored';
import type { Session } from './session';

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without improvement that are tolerated. Default 5. */
  readonly patience?: number;
  /** What counts as improvement. Default 0. */
  readonly minDelta?: number;
}

/** Stops training when a validation measure no longer improves, and keeps the weights of its best epoch (Prechelt 1998). */
export class EarlyStopping {
  private readonly monitor: Monitor;
  private readonly patience: number;
  private readonly minDelta: number;
  private best = Number.NEGATIVE_INFINITY;
  private waited = 0;
  private weights = new Map<string, Tensor>();
  bestEpoch = 0;

  constructor(options: EarlyStoppingOptions = {}) {
    expectOptions('earlyStopping', options, ['patience', 'minDelta', 'monitor', 'mode']);
    const { patience = 5, minDelta = 0 } = options;
    expect(Number.isInteger(patience) && patience >= 0, 'VALUE', () => ({
      where: 'earlyStopping',
      what: 'the patience',
      expected: 'a whole number of 0 or more',
      actual: String(patience),
    }));
    expectNumber('earlyStopping', 'minDelta', minDelta, { least: 0 });
    this.monitor = new Monitor('earlyStopping', options);
    this.patience = patience;
    this.minDelta = minDelta;
  }

  /** Notes an epoch's measures; true when it is the best so far, whose weights are then kept. */
  note(epoch: number, means: Means, session: Session): boolean {
    const score = this.monitor.sign * this.monitor.of(means);
    if (score > this.best + this.minDelta) {
      this.best = score;
      this.bestEpoch = epoch;
      this.waited = 0;
      this.weights = new Map(modelStates(session).map((path) => [path, session.read(path)]));
      return true;
    }
    this.waited++;
    return false;
  }

  /** True when the patience is used up. */
  get exhausted(): boolean {
    return this.waited >= Math.max(1, this.patience);
  }

  /** Puts the best epoch's weights back. */
  restore(session: Session): void {
    for (const [path, tensor] of this.weights) session.write(path, tensor);
  }
}

/** Parameters and running statistics, not the optimizer's states. */
function modelStates(session: Session): string[] {
  return session
    .declarations()
    .map(({ path }) => path)
    .filter((path) => !path.startsWith('optimizer.'));
}

/** The measure of an epoch that early stopping and plateaus watch, and whether more of it is better. */
import { expectChoice } from '../functions/option-values';
import { expect } from '../graph/errors';
import type { Means } from './history';

export interface MonitorOptions {
  /** The watched measure of the validation data, or of the training data where there is none. Default `loss`. */
  readonly monitor?: string;
  /** `min` for losses, `max` for accuracies. Default: `min` for names that end in loss or error, else `max`. */
  readonly mode?: 'min' | 'max';
}

/** A measure by name, and the factor that makes more of it better. */
export class Monitor {
  readonly name: string;
  readonly sign: 1 | -1;

  constructor(
    private readonly where: string,
    { monitor = 'loss', mode }: MonitorOptions,
  ) {
    if (mode !== undefined) expectChoice(where, 'mode', mode, ['min', 'max']);
    this.name = monitor;
    this.sign = (mode ?? (/loss|error$/i.test(monitor) ? 'min' : 'max')) === 'max' ? 1 : -1;
  }

  /** The measure's value. */
  of(means: Means): number {
    const value = means[this.name];
    expect(value !== undefined, 'OPTION', () => ({
      where: this.where,
      what: 'the monitored measure',
      expected: `one of ${Object.keys(means).join(', ')}`,
      actual: `'${this.name}'`,
    }));
    return value;
  }
}

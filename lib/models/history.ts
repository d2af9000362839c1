/** What training reports: progress within an epoch, one report per epoch, and the history of all. */

/** Means of loss and metrics, by name. */
export type Means = Readonly<Record<string, number>>;

/** Told after every native call, many times per second. */
export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  /** Batches done in this epoch, of `batches`. */
  readonly batch: number;
  readonly batches: number;
  /** Means over this epoch so far. */
  readonly training: Means;
  readonly examplesPerSecond: number;
}

/** What one epoch of training gave. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  readonly training: Means;
  readonly validation?: Means;
  readonly seconds: number;
  /** True for the best epoch so far by the monitored measure. */
  readonly best: boolean;
}

/** What a whole training gave. */
export interface History {
  readonly epochs: readonly EpochReport[];
  /** The epoch whose weights the session holds: the last one, or the best one after early stopping. */
  readonly restoredEpoch: number;
  readonly stoppedEarly: boolean;
  /** Losses of the first batches of this call of `fit`, 20 at most. */
  readonly firstLosses?: readonly number[];
}

/** Sums of measures weighted by batch size, and their means. */
export class RunningMeans {
  private readonly sums = new Map<string, number>();
  private examples = 0;

  /** Adds the measures of `count` batches of `size` examples; `values` has one number per batch. */
  add(values: Readonly<Record<string, ArrayLike<number>>>, count: number, size: number): void {
    for (const [name, numbers] of Object.entries(values)) {
      let sum = this.sums.get(name) ?? 0;
      for (let i = 0; i < count; i++) sum += (numbers[i] as number) * size;
      this.sums.set(name, sum);
    }
    this.examples += count * size;
  }

  get means(): Means {
    return Object.fromEntries([...this.sums].map(([name, sum]) => [name, sum / this.examples]));
  }
}

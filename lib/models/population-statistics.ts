/** Mean and variance of each channel over batches, gathered in float64. */
import type { Tensor } from '../graph/tensor';

/** Per channel; `count` numbers were seen in each. */
export interface ChannelMoments {
  readonly count: number;
  readonly mean: readonly number[];
  /** Biased. */
  readonly variance: readonly number[];
}

/**
 * The moments of two parts together (Chan et al. 1979): with d the difference of the means,
 * mean = (n mean_a + m mean_b) / (n + m) and variance = (n var_a + m var_b) / (n + m) + n m d^2 / (n + m)^2.
 */
export function mergeMoments(a: ChannelMoments, b: ChannelMoments): ChannelMoments {
  const count = a.count + b.count;
  const [n, m] = [a.count / count, b.count / count];
  const both = (x: readonly number[], y: readonly number[]) => x.map((value, c) => n * value + m * (y[c] as number));
  const spread = both(a.variance, b.variance);
  return {
    count,
    mean: both(a.mean, b.mean),
    variance: spread.map((value, c) => value + n * m * ((a.mean[c] as number) - (b.mean[c] as number)) ** 2),
  };
}

/** The moments of the channels, the last axis, of one tensor. */
export function momentsOf({ shape, data }: Pick<Tensor, 'shape'> & { data: ArrayLike<number> }): ChannelMoments {
  const channels = shape.at(-1) ?? 1;
  const count = data.length / channels;
  const mean = new Array<number>(channels).fill(0);
  const variance = new Array<number>(channels).fill(0);
  for (let i = 0; i < data.length; i++)
    mean[i % channels] = (mean[i % channels] as number) + (data[i] as number) / count;
  for (let i = 0; i < data.length; i++) {
    const c = i % channels;
    variance[c] = (variance[c] as number) + ((data[i] as number) - (mean[c] as number)) ** 2 / count;
  }
  return { count, mean, variance };
}

/** The mean of the means and of the unbiased variances, count / (count - 1) * variance, of batches. */
export function expectedMoments(batches: readonly ChannelMoments[]): ChannelMoments {
  const average = (numbers: (batch: ChannelMoments) => readonly number[]) =>
    (batches[0] as ChannelMoments).mean.map(
      (_, c) => batches.reduce((total, batch) => total + (numbers(batch)[c] as number), 0) / batches.length,
    );
  return {
    count: batches.reduce((total, { count }) => total + count, 0),
    mean: average(({ mean }) => mean),
    variance: average(({ count, variance }) => variance.map((value) => (value * count) / (count - 1))),
  };
}

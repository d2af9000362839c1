/** Counts of numbers in equal bins. */

/** Bins of a histogram. */
export const binCount = 2048;

export interface Histogram {
  /** Lower edge of the first bin. */
  readonly low: number;
  /** Upper edge of the last bin. */
  readonly high: number;
  /** Numbers in each bin. */
  readonly counts: Float64Array;
}

export const emptyHistogram = (low: number, high: number): Histogram => ({
  low,
  high,
  counts: new Float64Array(binCount),
});

/** Counts `numbers`; those outside go to the bins at the edges. */
export function countNumbers({ low, high, counts }: Histogram, numbers: ArrayLike<number>): void {
  const perUnit = high > low ? binCount / (high - low) : 0;
  for (let i = 0; i < numbers.length; i++) {
    const bin = Math.floor(((numbers[i] as number) - low) * perUnit);
    const inside = bin < 0 ? 0 : bin >= binCount ? binCount - 1 : bin;
    counts[inside] = (counts[inside] as number) + 1;
  }
}

/** The middle of a bin. */
export const middleOf = ({ low, high }: Histogram, bin: number): number =>
  low + ((bin + 0.5) * (high - low)) / binCount;

/**
 * Which range of numbers the 256 bytes of a tensor shall span. A wide range rounds coarsely, a narrow one saturates
 * often; the methods weigh one against the other (Wu et al. 2020, Integer Quantization for Deep Learning Inference).
 */
import { quantizationOf } from '../ops/quantization-range';
import { binCount, type Histogram, middleOf } from './histogram';

/** How ranges are chosen from the numbers that calibration met. */
export type CalibrationMethod = 'minMax' | 'percentile' | 'entropy' | 'mse';

/** The ways to choose the range of activations by name; `percentile` is the default. */
export const calibrationMethods: readonly CalibrationMethod[] = ['minMax', 'percentile', 'entropy', 'mse'];

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** All numbers that were met. */
export const minMaxRange = ({ low, high }: Histogram): Range => ({ low, high });

/** The range without the (100 - percent) % of the numbers at either end. */
export function percentileRange(histogram: Histogram, percent: number): Range {
  const { low, high, counts } = histogram;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const spared = total * (1 - percent / 100);
  const width = (high - low) / binCount;
  let [first, last] = [0, binCount - 1];
  for (let below = counts[first] as number; below <= spared && first < last; below += counts[first] as number) first++;
  for (let above = counts[last] as number; above <= spared && last > first; above += counts[last] as number) last--;
  return { low: low + first * width, high: low + (last + 1) * width };
}

/** The sum of squared errors of rounding to the bytes of a range. */
function squaredError(histogram: Histogram, { low, high }: Range): number {
  const { scale, zeroPoint } = quantizationOf(low, high);
  let sum = 0;
  for (let bin = 0; bin < binCount; bin++) {
    const count = histogram.counts[bin] as number;
    if (count === 0) continue;
    const x = middleOf(histogram, bin);
    const byte = Math.min(255, Math.max(0, Math.round(x / scale) + zeroPoint));
    sum += count * (x - scale * (byte - zeroPoint)) ** 2;
  }
  return sum;
}

/** Parts of the whole range that searches try. */
const shares = Array.from({ length: 100 }, (_, i) => 1 - i / 100);

/** The range of least mean squared error: both ends are drawn in together, then each by itself. */
export function mseRange(histogram: Histogram): Range {
  const best = (candidates: readonly Range[]): Range => {
    const errors = candidates.map((range) => squaredError(histogram, range));
    return candidates[errors.indexOf(Math.min(...errors))] as Range;
  };
  const { low, high } = histogram;
  const both = best(shares.map((share) => ({ low: share * Math.min(low, 0), high: share * Math.max(high, 0) })));
  const upper = best(shares.map((share) => ({ low: both.low, high: share * both.high })));
  return best(shares.map((share) => ({ low: share * upper.low, high: upper.high })));
}

/** Levels of a byte. */
const levels = 256;

/**
 * sum of p log(p / q): what is lost when the numbers of bins `first` to `last`, with all that lies beyond them at the
 * edges (p), are told apart by 256 levels only (q: the mean of the bins of a level, those that are empty left out).
 */
function divergence(counts: Float64Array, first: number, last: number): number {
  const length = last - first + 1;
  const inside = counts.slice(first, last + 1);
  const clipped = inside.slice();
  for (let bin = 0; bin < first; bin++) clipped[0] = (clipped[0] as number) + (counts[bin] as number);
  for (let bin = last + 1; bin < counts.length; bin++) {
    clipped[length - 1] = (clipped[length - 1] as number) + (counts[bin] as number);
  }
  const total = clipped.reduce((sum, count) => sum + count, 0);
  const kept = inside.reduce((sum, count) => sum + count, 0);
  if (kept === 0) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let level = 0; level < levels; level++) {
    const [begin, end] = [Math.floor((level * length) / levels), Math.floor(((level + 1) * length) / levels)];
    let [mass, filled] = [0, 0];
    for (let bin = begin; bin < end; bin++) {
      mass += inside[bin] as number;
      if (clipped[bin] as number) filled++;
    }
    for (let bin = begin; bin < end; bin++) {
      const p = (clipped[bin] as number) / total;
      if (p > 0) sum += p * Math.log(p / Math.max(mass / filled / kept, 1e-12));
    }
  }
  return sum;
}

/**
 * The range that keeps most of the information, by the Kullback-Leibler divergence of the distribution behind rounding
 * from the one before it (Migacz 2017, 8-bit Inference with TensorRT). Ends are drawn in to the same distance from 0.
 */
export function entropyRange({ low, high, counts: all }: Histogram): Range {
  const width = (high - low) / binCount;
  const counts = all.slice();
  counts[Math.min(binCount - 1, Math.max(0, Math.floor(-low / width)))] = 0; // 0 itself is exact in every range
  const farthest = Math.max(Math.abs(low), Math.abs(high));
  let [best, range] = [Number.POSITIVE_INFINITY, { low, high }];
  for (let distance = farthest; distance > 0; distance -= 8 * width) {
    const first = Math.max(0, Math.ceil((-distance - low) / width));
    const last = Math.min(binCount, Math.floor((distance - low) / width)) - 1;
    if (last - first + 1 < levels) break;
    const lost = divergence(counts, first, last);
    if (lost < best) [best, range] = [lost, { low: low + first * width, high: low + (last + 1) * width }];
  }
  return range;
}

/** The range by a method. */
export function chooseRange(histogram: Histogram, method: CalibrationMethod, percent: number): Range {
  if (histogram.high <= histogram.low) return minMaxRange(histogram);
  if (method === 'percentile') return percentileRange(histogram, percent);
  if (method === 'entropy') return entropyRange(histogram);
  return method === 'mse' ? mseRange(histogram) : minMaxRange(histogram);
}

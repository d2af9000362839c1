/** Ranges that calibration chooses from numbers. */

import { binCount, countNumbers, emptyHistogram, type Histogram } from '../../lib/compress/histogram';
import {
  chooseRange,
  entropyRange,
  minMaxRange,
  mseRange,
  percentileRange,
  type Range,
} from '../../lib/compress/ranges';
import { hostNormal } from '../../lib/graph/philox';
import { byteOf, quantizationOf } from '../../lib/ops/quantization-range';

function histogramOf(numbers: readonly number[]): Histogram {
  const histogram = emptyHistogram(Math.min(...numbers), Math.max(...numbers));
  countNumbers(histogram, numbers);
  return histogram;
}

const gaussian = [...hostNormal([1, 2], 20_000)];
/** One number far from all others. */
const outlier = [...gaussian, 60];
const rectified = gaussian.map((x) => Math.max(0, x));

function errorOf(numbers: readonly number[], { low, high }: Range): number {
  const code = quantizationOf(low, high);
  const errors = numbers.map((x) => x - code.scale * (byteOf(x, code) - code.zeroPoint));
  return errors.reduce((sum, error) => sum + error * error, 0) / numbers.length;
}

test('a histogram counts every number once', () => {
  const { counts, low, high } = histogramOf([0, 1, 1, 4]);
  expect([low, high]).toEqual([0, 4]);
  expect([counts[0], counts[binCount / 4], counts[binCount - 1]]).toEqual([1, 2, 1]);
  expect(counts.reduce((a, b) => a + b)).toBe(4);
});

test('min-max takes all, percentiles leave out the ends', () => {
  const even = Array.from({ length: 10_000 }, (_, i) => i / 10_000);
  expect(minMaxRange(histogramOf(even))).toEqual({ low: 0, high: 0.9999 });
  const { low, high } = percentileRange(histogramOf(even), 99);
  expect(Math.abs(low - 0.01)).toBeLessThan(1e-3);
  expect(Math.abs(high - 0.99)).toBeLessThan(1e-3);
  expect(percentileRange(histogramOf(outlier), 99.99).high).toBeLessThan(6);
  expect(percentileRange(histogramOf(rectified), 99.99).low).toBe(0);
});

test('the search for the least squared error finds less than others have', () => {
  for (const numbers of [gaussian, outlier, rectified]) {
    const histogram = histogramOf(numbers);
    const least = errorOf(numbers, mseRange(histogram));
    for (const method of ['minMax', 'percentile', 'entropy'] as const) {
      expect(least).toBeLessThanOrEqual(1.02 * errorOf(numbers, chooseRange(histogram, method, 99.99)));
    }
  }
  expect(mseRange(histogramOf(outlier)).high).toBeLessThan(60);
});

test('entropy gives up what is far away', () => {
  const { high } = entropyRange(histogramOf(outlier));
  expect(high).toBeGreaterThan(2);
  expect(high).toBeLessThan(10);
  const whole = entropyRange(histogramOf(gaussian));
  expect(whole.high).toBeGreaterThan(2);
});

test('a tensor of one number', () => {
  for (const method of ['minMax', 'percentile', 'entropy', 'mse'] as const) {
    expect(chooseRange(histogramOf([3, 3]), method, 99.99)).toEqual({ low: 3, high: 3 });
  }
  expect(quantizationOf(0, 0)).toEqual({ scale: 1, zeroPoint: 0 });
  expect(byteOf(3, quantizationOf(3, 3))).toBe(255);
});

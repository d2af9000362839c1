/** Random splits of a dataset in two, e.g. for validation. */
import { complaint, expect, expectOptions } from '../graph/errors';
import { hostPermutation, keyOfSeed } from '../graph/philox';
import { classCounts, type Dataset, subset } from './dataset';

export interface SplitOptions {
  /** Part of the examples that goes into `second`, between 0 and 1. Default 0.2. */
  readonly share?: number;
  /** Equal seeds give equal splits. Default 0. */
  readonly seed?: number;
  /** Split every class by the same share. Default false. */
  readonly stratified?: boolean;
}

/** Disjoint parts that together are the whole, rows in their original order. */
export interface Split {
  readonly first: Dataset;
  readonly second: Dataset;
}

/** Whole numbers nearest to `share` of each count with the given sum: the largest remainders are rounded up. */
function apportion(counts: readonly number[], share: number, total: number): number[] {
  const exact = counts.map((count) => count * share);
  const parts = exact.map(Math.floor);
  const byRemainder = exact.map((value, i) => [value % 1, i] as const).sort(([a, i], [b, j]) => b - a || i - j);
  const missing = total - parts.reduce((sum, part) => sum + part, 0);
  for (const [, i] of byRemainder.slice(0, missing)) parts[i] = (parts[i] as number) + 1;
  return parts;
}

/** The first of `order` until each class has its number. */
function pickByClass(order: Int32Array, { target }: Dataset, wanted: readonly number[]): Set<number> {
  const left = [...wanted];
  return new Set(
    order.filter((row) => {
      const label = target.data[row] as number;
      left[label] = (left[label] as number) - 1;
      return (left[label] as number) >= 0;
    }),
  );
}

/**
 * Splits at random: `second` gets `round(share * size)` examples, `first` the others.
 *
 * @throws ConvoltError `VALUE` for a share that is not between 0 and 1, `DATA` when a part would be empty or when
 *   stratification lacks classes
 * @example const { first: train, second: validation } = randomSplit(all, { share: 0.1, seed: 1, stratified: true });
 */
export function randomSplit(whole: Dataset, options: SplitOptions = {}): Split {
  expectOptions('randomSplit', options, ['share', 'seed', 'stratified']);
  const { share = 0.2, seed = 0, stratified = false } = options;
  const { name, size, classes } = whole;
  const where = `randomSplit of ${name}`;
  if (!(share > 0 && share < 1)) {
    throw complaint('VALUE', { where, what: 'the share', expected: 'between 0 and 1', actual: String(share) });
  }
  const count = Math.round(share * size);
  expect(count > 0 && count < size, 'DATA', () => ({
    where,
    what: 'each part',
    expected: 'one example at least',
    actual: `${size - count} and ${count}`,
  }));
  expect(!stratified || classes !== undefined, 'DATA', () => ({
    where,
    what: 'the dataset',
    expected: 'one with classes, to be stratified',
    actual: 'one without',
  }));
  const order = hostPermutation(keyOfSeed(seed), size);
  const chosen = stratified
    ? pickByClass(order, whole, apportion(classCounts(whole), share, count))
    : new Set(order.subarray(0, count));
  const rows = Array.from({ length: size }, (_, row) => row);
  return {
    first: subset(
      whole,
      rows.filter((row) => !chosen.has(row)),
    ),
    second: subset(
      whole,
      rows.filter((row) => chosen.has(row)),
    ),
  };
}

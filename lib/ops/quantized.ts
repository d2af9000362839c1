/** What the quantized ops share: bytes, scales, and the range of bytes of a result. */
import { complaint, expect, expectOptions } from '../graph/errors';

/** The bytes of a result: round(t) + zero, kept between `low` and `high`. `low` = `zero` makes a ReLU. */
export interface QuantizedRange {
  /** The byte that stands for 0. */
  readonly zero: number;
  /** Default 0. */
  readonly low?: number;
  /** Default 255. */
  readonly high?: number;
}

/** Throws a `VALUE` complaint unless `value` is a whole number of 0 to 255. */
export function expectByte(where: string, what: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= 255) return;
  throw complaint('VALUE', { where, what, expected: 'a whole number of 0 to 255', actual: `${value}` });
}

/** Throws a `VALUE` complaint unless `value` is finite and above 0. */
export function expectScale(where: string, what: string, value: number): void {
  if (Number.isFinite(value) && Math.fround(value) > 0) return;
  throw complaint('VALUE', { where, what, expected: 'a finite number above 0', actual: `${value}` });
}

/** The range with its defaults; a complaint unless its bounds are bytes, the lower one first. */
export function checkedRange(where: string, range: QuantizedRange): Required<QuantizedRange> {
  expectOptions(where, range, ['zero', 'low', 'high']);
  const { zero, low = 0, high = 255 } = range;
  expectByte(where, 'the zero of the result', zero);
  expectByte(where, 'the lowest byte', low);
  expectByte(where, 'the highest byte', high);
  expect(low <= high, 'VALUE', () => ({
    where,
    what: 'the lowest byte',
    expected: `at most ${high}, the highest one`,
    actual: `${low}`,
  }));
  return { zero, low, high };
}

/** Checks of option values that the whole language shares: numbers in a range, words out of a list. */
import { complaint } from '../graph/errors';
import { suggestion } from '../graph/nearest-name';

/** Bounds of a number; `least` and `most` belong to the range, `above` and `below` do not. */
export interface Range {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
}

/** Throws a `VALUE` complaint unless `value` is a finite number within `range`. */
export function expectNumber(where: string, what: string, value: number, range: Range = {}): void {
  const { least = -Infinity, above = -Infinity, most = Infinity, below = Infinity } = range;
  const isInside = value >= least && value <= most && value < below && value > above;
  if (Number.isFinite(value) && isInside) return;
  const words = { least: 'at least', above: 'above', most: 'at most', below: 'below' };
  const bounds = Object.entries(range).map(([name, bound]) => `${words[name as keyof Range]} ${bound}`);
  const expected = ['a finite number', bounds.join(' and ')].filter(Boolean).join(' ');
  throw complaint('VALUE', { where, what, expected, actual: String(value) });
}

/** Throws an `OPTION` complaint unless `value` is one of `choices`. */
export function expectChoice(where: string, what: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw complaint('OPTION', {
    where,
    what,
    expected: `one of ${choices.join(', ')}`,
    actual: `'${value}'${suggestion(String(value), choices)}`,
  });
}

/** The check of counts and sizes: whole numbers with a least value. */
import { complaint } from './errors';

/** Throws a `VALUE` complaint unless `value` is a whole number of `least` or more. */
export function expectWhole(where: string, what: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw complaint('VALUE', { where, what, expected: `a whole number of ${least} or more`, actual: `${value}` });
}

/** What a regularizer is, and which parameters it takes. */
import { expectNumber } from '../functions/option-values';
import { complaint, expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { add } from '../ops/elementwise';
import { matches, type PathMatch } from '../optimizers/path-match';

/** A number made of the parameters, by path, that training adds to the loss. */
export type Regularizer = (parameters: ReadonlyMap<string, Value>) => Value;

export interface PenaltyOptions {
  /** Weight of the penalty, 0 or more. */
  readonly lambda: number;
  /** Which parameters it takes. Default all; /weight$/ leaves out biases and batchNorm's gamma and beta. */
  readonly match?: PathMatch;
}

/**
 * The parameters that match.
 *
 * @throws ConvoltError `OPTION` when none does
 */
export function matching(
  where: string,
  parameters: ReadonlyMap<string, Value>,
  match: PathMatch = () => true,
): Value[] {
  const found = [...parameters].filter(([path]) => matches(match, path)).map(([, value]) => value);
  if (found.length) return found;
  throw complaint('OPTION', {
    where,
    what: 'match',
    expected: `found in one of ${[...parameters.keys()].join(', ')}`,
    actual: String(match),
  });
}

/** Makes a regularizer that is the sum of `penalty` over the parameters that match. */
export function penaltyOf(where: string, options: PenaltyOptions, penalty: (w: Value) => Value): Regularizer {
  expectOptions(where, options, ['lambda', 'match']);
  expectNumber(where, 'lambda', options.lambda, { least: 0 });
  return (parameters) =>
    matching(where, parameters, options.match)
      .map(penalty)
      .reduce((total, term) => add(total, term));
}

/**
 * The sum of several regularizers, e.g. with a lambda of its own for every layer.
 *
 * @example combine(l2({ lambda: 1e-4, match: 'features' }), l2({ lambda: 1e-3, match: 'head' }))
 */
export const combine =
  (first: Regularizer, ...others: readonly Regularizer[]): Regularizer =>
  (parameters) =>
    others.reduce((total, regularizer) => add(total, regularizer(parameters)), first(parameters));

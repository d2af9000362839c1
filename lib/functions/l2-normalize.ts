/** Vectors brought to length 1. */
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { div, maximum, sqrt, square } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { expectNumber } from './option-values';

export interface L2NormalizeOptions {
  /** Default -1, the channels. */
  readonly axis?: number;
  /** The least length that is divided by, above 0. Default 1e-12. */
  readonly epsilon?: number;
}

/**
 * x / max(|x|, epsilon) along an axis: every vector of length 1, and 0 stays 0. It is local response normalisation over all
 * channels with k = 0, alpha = 1 and beta = 1/2.
 *
 * @param options.axis default -1
 * @example l2Normalize(constant([3, 4])) // [0.6, 0.8]
 */
export function l2Normalize(x: Value, options: L2NormalizeOptions = {}): Value {
  expectOptions('l2Normalize', options, ['axis', 'epsilon']);
  const { axis = -1, epsilon = 1e-12 } = options;
  expectNumber('l2Normalize', 'epsilon', epsilon, { above: 0 });
  const squares = sum(square(x), { axes: axis, keepDims: true });
  return div(x, sqrt(maximum(squares, epsilon ** 2))); // a root at 0 would have no gradient
}

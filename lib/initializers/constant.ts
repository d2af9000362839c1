/** Parameters that all start from one number. */

import { expectNumber } from '../functions/option-values';
import type { Initializer } from '../graph/scope';
import { broadcastTo } from '../ops/elementwise';
import { constant as constantValue } from '../ops/source';

/**
 * Every element is `number`.
 *
 * @example scope.param('slope', [channels], constant(0.25))
 */
export function constant(number: number): Initializer {
  expectNumber('constant', 'the number', number);
  return (shape) => broadcastTo(constantValue(number), shape);
}

/**
 * Every element is 0: for biases. Weights that start equal stay equal, so they need a random start.
 *
 * @example dense(10, { biasInitializer: zeros })
 */
export const zeros: Initializer = constant(0);

/**
 * Every element is 1.
 *
 * @example scope.param('gamma', [channels], ones)
 */
export const ones: Initializer = constant(1);

/** Gradient clipping: limits to what one bad batch can do (Pascanu et al. 2013). */

import { expectNumber } from '../functions/option-values';
import { named, type Value } from '../graph/value';
import { add, clip, div, minimum, mul, sqrt, square } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { constant } from '../ops/source';
import { mapUpdates, type Transform } from './transform';

/**
 * g <- g * min(1, limit / (norm + 1e-6)), where the norm is that of all gradients together. The norm before clipping
 * is named 'gradientNorm'.
 */
export function clipByGlobalNorm(limit: number): Transform {
  expectNumber('clipByGlobalNorm', 'the limit', limit, { above: 0 });
  return (updates) => {
    const squares = [...updates.values()].map((update) => sum(square(update)));
    const norm = named('gradientNorm', sqrt(squares.reduce(add, constant(0))));
    const factor = minimum(div(constant(limit), add(norm, 1e-6)), 1);
    return mapUpdates(updates, (update: Value) => mul(update, factor));
  };
}

/** Every element limited to [-limit, limit]. */
export function clipByValue(limit: number): Transform {
  expectNumber('clipByValue', 'the limit', limit, { above: 0 });
  return (updates) => mapUpdates(updates, (update) => clip(update, -limit, limit));
}

/** A fully connected layer of maxout units. */
import { maxout as maxoutOf } from '../functions/maxout';
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import type { AffineOptions } from './affine';
import { dense } from './dense';
import { type Layer, layer } from './layer';

/** `pieces`, and the initializers and `bias` of `dense`. */
export interface MaxoutOptions extends Omit<AffineOptions, 'activation'> {
  /** Affine pieces per unit, 1 or more. Default 2. */
  readonly pieces?: number;
}

/**
 * y_i = max over k of (x W + b)_{ik}: every unit is the largest of several affine pieces (Goodfellow et al. 2013):
 * [N, ..., F] to [N, ..., units]. As many times the parameters as pieces.
 *
 * Parameters: `dense.weight` [F, units * pieces], `dense.bias` [units * pieces].
 *
 * @example maxout(32, { pieces: 3 })
 */
export function maxout(units: number, options: MaxoutOptions = {}): Layer {
  expectWhole('maxout', 'the number of units', units, 1);
  expectOptions('maxout', options, ['pieces', 'bias', 'weightInitializer', 'biasInitializer']);
  const { pieces = 2, ...affine } = options;
  expectWhole('maxout', 'the pieces', pieces, 1);
  const all = dense(units * pieces, affine);
  return layer('maxout', (x, scope) => maxoutOf(all(x, scope), pieces));
}

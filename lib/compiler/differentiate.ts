/** The gradients of a scalar: the public door to the walker of ops/differentiate.ts. */
import { complaint, expect } from '../graph/errors';
import { showType, sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { backpropagate } from '../ops/differentiate';
import { broadcastTo } from '../ops/elementwise';
import { constant } from '../ops/source';

/**
 * The gradients of `of` with respect to each of `wrt`: edge derivatives are multiplied along paths and summed over
 * paths (Rumelhart, Hinton and Williams 1986). They are ordinary values and can be differentiated again.
 *
 * @param of a float32 value; a scalar unless `seed` is given
 * @param wrt values of the same graph; a value without influence gets zeros
 * @param seed the upstream gradient of `of`; default 1
 * @returns one value per entry of `wrt`, of its shape
 * @throws ConvoltError `SHAPE` when `of` is not a scalar and no seed is given, `DTYPE` when a value is not float32
 */
export function gradients(of: Value, wrt: readonly Value[], seed?: Value): Value[] {
  for (const value of [of, ...wrt]) {
    expect(value.dtype === 'float32', 'DTYPE', () => ({
      where: 'gradients',
      what: 'every value',
      expected: 'float32',
      actual: showType(value),
    }));
  }
  if (!seed && sizeOf(of.shape) !== 1) {
    throw complaint('SHAPE', {
      where: 'gradients',
      what: 'the differentiated value',
      expected: 'a scalar, or a seed to be given',
      actual: showType(of),
    });
  }
  const found = backpropagate([[of, seed ?? broadcastTo(constant(1), of.shape)]], wrt);
  return found.map((gradient, i) => gradient ?? broadcastTo(constant(0), (wrt[i] as Value).shape));
}

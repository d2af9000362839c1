/** Max pooling undone as far as it can be: values return to where their maxima stood (Zeiler and Fergus 2014). */
import type { Value } from '../graph/value';
import { addToPlanes, maxPool, type PoolOptions } from './pool';
import { type Pair, resolvePair } from './window';

/**
 * `maxPool` with the places of the maxima.
 *
 * @returns values [N, OH, OW, C], and their places h * W + w in the image as int32 of the same shape
 * @example const { values, indices } = maxPoolWithIndices(x, { window: 2 });
 */
export function maxPoolWithIndices(x: Value, options: PoolOptions): { values: Value; indices: Value } {
  const [values, indices] = maxPool(x, options).node.outputs as [Value, Value];
  return { values, indices };
}

/**
 * Zeros everywhere but at the places of maxima, where the values go (Zeiler and Fergus 2014, deconvnet). Values of
 * overlapping windows that go to one place are added, so that it is the adjoint of taking the maxima.
 *
 * @param values float32 [N, OH, OW, C]
 * @param indices int32 of the same shape, as `maxPoolWithIndices` gives them
 * @param size of the image, a number or [height, width]
 * @returns [N, ...size, C]
 * @throws ConvoltError `SHAPE` when values and indices differ in shape; `VALUE` when the program runs and an index lies
 *   outside of the image
 * @example maxUnpool(values, indices, [height, width])
 */
export function maxUnpool(values: Value, indices: Value, size: number | Pair): Value {
  const sizes = resolvePair('maxUnpool', 'the size', size, 1);
  return addToPlanes(values, indices, [values.shape[0] as number, ...sizes, values.shape[3] as number]);
}

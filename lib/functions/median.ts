/** The median of rows. */
import type { Value } from '../graph/value';
import { mean } from '../ops/reduce';
import { slice } from '../ops/slice';
import { topK } from '../ops/top-k';

/** The middle of the sorted numbers of the last axis, or the mean of the two in the middle: [..., N] to [...]. */
export function median(x: Value): Value {
  const length = x.shape.at(-1) as number;
  const k = Math.floor(length / 2) + 1;
  const { values } = topK(x, { k });
  const two = length % 2 === 0 ? 2 : 1;
  const rank = values.shape.length;
  const begin = values.shape.map((_, axis) => (axis === rank - 1 ? k - two : 0));
  return mean(slice(values, { begin, size: [...values.shape.slice(0, -1), two] }), { axes: -1 });
}

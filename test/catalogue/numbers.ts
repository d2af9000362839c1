/** Short ways to evaluate small graphs in float64. */

import { gradients } from '../../lib/compiler/differentiate';
import type { Value } from '../../lib/graph/value';
import { constant } from '../../lib/ops/source';
import { evaluate, type Numbers, type Tensor64 } from '../../lib/reference';

/** The tensor of one value. */
export const result = (value: Value, states?: Numbers): Tensor64 => evaluate([value], new Map(), states)[0] as Tensor64;

/** The numbers of one value. */
export const numbers = (value: Value, states?: Numbers): number[] => [...result(value, states).data];

/** The numbers of the gradient of `of` with respect to `x`; `seed` is the upstream gradient. */
export const slope = (of: Value, x: Value, seed?: readonly number[] | readonly (readonly number[])[]): number[] =>
  numbers(gradients(of, [x], seed && constant(seed))[0] as Value);

/** The whole numbers from `first` to `last` as an image [1, height, width, 1]. */
export function image(height: number, width: number, first = 1): Value {
  const data = Float32Array.from({ length: height * width }, (_, i) => first + i);
  return constant({ dtype: 'float32', shape: [1, height, width, 1], data });
}

/** One kernel for one channel, [kh, kw, 1, 1]. */
export function kernel(rows: readonly (readonly number[])[]): Value {
  const [first = []] = rows;
  return constant({ dtype: 'float32', shape: [rows.length, first.length, 1, 1], data: Float32Array.from(rows.flat()) });
}

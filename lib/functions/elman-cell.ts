/** The simple recurrent cell (Elman 1990). */
import type { Value } from '../graph/value';
import { add, tanh } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import type { Cell } from '../ops/scan';

/**
 * A step of the simple recurrent network, for `scan`:
 *
 *     h' = activation(u + h W)
 *
 * with h the state [N, H] and u = x U + b the input's part [N, H], which is best computed for all steps at once.
 *
 * @param weight W [H, H]
 * @param activation default tanh
 * @example scan(elmanCell(weight), hidden, add(matmul(x, inputWeight), bias)) // { state: [N, H], outputs: [N, T, H] }
 */
export const elmanCell =
  (weight: Value, activation: (x: Value) => Value = tanh): Cell<Value, Value, Value> =>
  (hidden, u) => {
    const next = activation(add(u, matmul(hidden, weight)));
    return { state: next, output: next };
  };

/** The gated recurrent unit (Cho et al. 2014) in its three conventions. */
import type { Value } from '../graph/value';
import { split } from '../ops/concat';
import { add, mul, sigmoid, sub, tanh } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import type { Cell } from '../ops/scan';

/** Where the forms of the GRU in use differ. */
export interface GruVariant {
  /** True (default): the reset gate acts on the recurrent product, as in PyTorch. False: on the state, as in the paper. */
  readonly resetAfter?: boolean;
  /** 'torch' (default): h' = (1 - z) n + z h. 'swapped': h' = (1 - z) h + z n. */
  readonly update?: 'torch' | 'swapped';
}

/**
 * A step of the GRU, for `scan`:
 *
 *     r = sigmoid(u_r + h W_r)    z = sigmoid(u_z + h W_z)
 *     n = tanh(u_n + r (h W_n + b)) with the reset after the product, or
 *     n = tanh(u_n + (r h) W_n + b) before it
 *     h' = (1 - z) n + z h
 *
 * with h the state [N, H] and u = x U + b_u the input's part [N, 3H], which is best computed for all steps at once.
 *
 * @param weight W [H, 3H], columns in the order r, z, n
 * @param options.bias b [H]; default 0
 * @example scan(gruCell(weight, { bias }), hidden, u) // { state: [N, H], outputs: [N, T, H] }
 */
export function gruCell(
  weight: Value,
  { bias, resetAfter = true, update = 'torch' }: GruVariant & { readonly bias?: Value } = {},
): Cell<Value, Value, Value> {
  const units = weight.shape[0] as number;
  const [gateWeight, candidateWeight] = split(weight, [2 * units, units], { axis: 1 }) as [Value, Value];
  const biased = (x: Value): Value => (bias ? add(x, bias) : x);
  return (hidden, u) => {
    const [ur, uz, un] = split(u, 3, { axis: -1 }) as [Value, Value, Value];
    const product = matmul(hidden, resetAfter ? weight : gateWeight);
    const [hr, hz, hn] = split(product, resetAfter ? 3 : 2, { axis: -1 }) as [Value, Value, Value];
    const reset = sigmoid(add(ur, hr));
    const keep = sigmoid(add(uz, hz));
    const past = resetAfter ? mul(reset, biased(hn)) : biased(matmul(mul(reset, hidden), candidateWeight));
    const candidate = tanh(add(un, past));
    const [old, fresh] = update === 'torch' ? [hidden, candidate] : [candidate, hidden];
    const next = add(mul(sub(1, keep), fresh), mul(keep, old));
    return { state: next, output: next };
  };
}

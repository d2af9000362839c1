/** The long short-term memory cell (Hochreiter and Schmidhuber 1997; Gers et al. 2000) and its variants. */
import type { Value } from '../graph/value';
import { split } from '../ops/concat';
import { add, mul, sigmoid, sub, tanh } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import type { Cell } from '../ops/scan';
import { constant } from '../ops/source';

/** What an LSTM hands to the next step, each [N, H]. */
export type LstmState = { readonly hidden: Value; readonly cell: Value };

/** Weights through which gates see the cell: [H], one number for each unit, or [H, H]. */
export interface Peepholes {
  readonly input?: Value;
  readonly forget?: Value;
  readonly output?: Value;
}

/** Which gates a cell has; a gate that is missing is 1. */
export interface LstmVariant {
  /** The input gate is 1 - f. Default false. */
  readonly coupled?: boolean;
  /** i = 1. Default false. */
  readonly noInput?: boolean;
  /** f = 1. Default false. */
  readonly noForget?: boolean;
  /** o = 1. Default false. */
  readonly noOutput?: boolean;
}

type Part = 'input' | 'forget' | 'candidate' | 'output';

/** The parts of u and W that a variant has, in order: i, f, g, o. */
export function lstmParts({ coupled, noInput, noForget, noOutput }: LstmVariant): readonly Part[] {
  const missing = { input: coupled || noInput, forget: noForget, candidate: false, output: noOutput };
  return (['input', 'forget', 'candidate', 'output'] as const).filter((part) => !missing[part]);
}

/** What a gate sees of the cell. */
const seen = (cell: Value, peephole: Value): Value =>
  peephole.shape.length === 1 ? mul(cell, peephole) : matmul(cell, peephole);

/**
 * A step of the LSTM, for `scan`:
 *
 *     i = sigmoid(u_i + h W_i + p_i c)    f = sigmoid(u_f + h W_f + p_f c)    g = tanh(u_g + h W_g)
 *     c' = f c + i g                      o = sigmoid(u_o + h W_o + p_o c')   h' = o tanh(c')
 *
 * with u = x U + b the input's part [N, 4H], which is best computed for all steps at once. Without peepholes p = 0; with
 * `coupled` i = 1 - f; a gate that a variant leaves out is 1. What is left out takes no columns of u and W.
 *
 * @param weight W [H, 4H], columns in the order i, f, g, o
 * @example scan(lstmCell(weight), { hidden, cell }, u) // { state: { hidden, cell }, outputs: [N, T, H] }
 */
export function lstmCell(
  weight: Value,
  { peepholes = {}, ...variant }: LstmVariant & { readonly peepholes?: Peepholes } = {},
): Cell<LstmState, Value, Value> {
  const names = lstmParts(variant);
  return ({ hidden, cell }, u) => {
    const parts = split(add(u, matmul(hidden, weight)), names.length, { axis: -1 });
    const part = (name: Part): Value => parts[names.indexOf(name)] as Value;
    const gate = (name: keyof Peepholes, at: Value): Value => {
      if (!names.includes(name)) return constant(1);
      const peephole = peepholes[name];
      return sigmoid(peephole ? add(part(name), seen(at, peephole)) : part(name));
    };
    const f = gate('forget', cell);
    const i = variant.coupled ? sub(1, f) : gate('input', cell);
    const next = add(mul(f, cell), mul(i, tanh(part('candidate'))));
    const output = mul(gate('output', next), tanh(next));
    return { state: { hidden: output, cell: next }, output };
  };
}

/** `lstmCell` whose gates see the cell: i and f the old one, o the new one (Gers and Schmidhuber 2000). */
export const peepholeLstmCell = (weight: Value, peepholes: Peepholes): Cell<LstmState, Value, Value> =>
  lstmCell(weight, { peepholes });

/** `lstmCell` that forgets as much as it takes in: c' = f c + (1 - f) g; `weight` [H, 3H] in the order f, g, o. */
export const coupledLstmCell = (weight: Value): Cell<LstmState, Value, Value> => lstmCell(weight, { coupled: true });

/** Loops in float64: the body is evaluated step after step. */
import { sizeOf } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import { type LoopAttributes, loopOf } from '../ops/scan-body';
import type { Tensor64 } from './tensor64';

/** Evaluates values of a body, given the numbers of its placeholders. */
export type EvaluateBody = (values: readonly Value[], known: ReadonlyMap<Value, Tensor64>) => Tensor64[];

/** Part `t` of a stacked tensor. */
function partOf({ dtype, shape: [, ...shape], data }: Tensor64, t: number): Tensor64 {
  const size = sizeOf(shape);
  return { dtype, shape, data: data.slice(t * size, (t + 1) * size) };
}

/** The numbers of every output of a loop. */
export function runLoop(node: Node, inputs: readonly Tensor64[], evaluate: EvaluateBody): ArrayLike<number>[] {
  const { body, length, reverse } = loopOf(node) as LoopAttributes;
  const { states, sequences, captures, next, stacked } = body;
  const first = states.length + sequences.length;
  const known = new Map<Value, Tensor64>(captures.map((value, i) => [value, inputs[first + i] as Tensor64]));
  let current = inputs.slice(0, states.length);
  const wholes = stacked.map(({ shape }) => new Float64Array(length * sizeOf(shape)));
  for (let turn = 0; turn < length; turn++) {
    const t = reverse ? length - 1 - turn : turn;
    for (const [i, value] of states.entries()) known.set(value, current[i] as Tensor64);
    for (const [j, value] of sequences.entries()) {
      known.set(value, partOf(inputs[states.length + j] as Tensor64, t));
    }
    const results = evaluate([...next, ...stacked], known);
    current = results.slice(0, next.length);
    results.slice(next.length).forEach(({ data }, k) => {
      wholes[k]?.set(data, t * data.length);
    });
  }
  return [...current.map(({ data }) => data), ...wholes];
}

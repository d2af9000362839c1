/** The float64 reference executor: the same graph as the native core runs, one slow and obvious function per op. */
import type { Tensor } from '../graph/tensor';
import { type Node, reachable, type Value } from '../graph/value';
import { bits } from './bits';
import { conv } from './conv';
import { definedOps } from './defined';
import { elementwise } from './elementwise';
import { fft } from './fft';
import { runLoop } from './loop';
import { matmul } from './matmul';
import { pool } from './pool';
import { quantized } from './quantized';
import { random } from './random';
import { recurrent } from './recurrent';
import { reduce } from './reduce';
import { shape } from './shape';
import { softmax } from './softmax';
import { statistics } from './statistics';
import { type Compute, type Family, stored, type Tensor64, widen } from './tensor64';

export { gradientCheck, gradientError } from './gradient-check';
export { type Tensor64, tensor64, widen } from './tensor64';

/** Every op that the reference computes, by name. */
export const referenceOps: Family = {
  ...elementwise,
  ...reduce,
  ...matmul,
  ...softmax,
  ...conv,
  ...bits,
  ...pool,
  ...quantized,
  ...shape,
  ...random,
  ...recurrent,
  ...statistics,
  ...fft,
  ...definedOps(evaluate),
  scan: (node, ...inputs) => runLoop(node, inputs, (values, known) => evaluateWith(values, new Map(known))),
};

/** Numbers of feeds and states, by name and by path. */
export type Numbers = ReadonlyMap<string, Tensor64>;

function lookUp(numbers: Numbers, name: string): Tensor64[] {
  const found = numbers.get(name);
  if (!found) throw new Error(`reference: no numbers for '${name}'`);
  return [found];
}

function compute(node: Node, results: ReadonlyMap<Value, Tensor64>): Tensor64[] {
  const rule = referenceOps[node.op.name] as Compute | undefined;
  if (!rule) throw new Error(`reference: no op '${node.op.name}'`);
  const inputs = node.inputs.map((input) => results.get(input) as Tensor64);
  return rule(node, ...inputs).map((numbers, i) => stored(node.outputs[i] as Value, numbers));
}

/**
 * The numbers of `values` in float64.
 *
 * @param feeds numbers of the feeds by name
 * @param states numbers of the states by path
 */
export function evaluate(
  values: readonly Value[],
  feeds: Numbers = new Map(),
  states: Numbers = new Map(),
): Tensor64[] {
  return evaluateWith(values, new Map(), feeds, states);
}

/** The same, where the numbers of some values are known. */
function evaluateWith(
  values: readonly Value[],
  results: Map<Value, Tensor64>,
  feeds: Numbers = new Map(),
  states: Numbers = new Map(),
): Tensor64[] {
  for (const node of reachable(values)) {
    if (node.outputs.length > 0 && node.outputs.every((output) => results.has(output))) continue;
    const { name, path, tensor } = node.attributes as { name: string; path: string; tensor: Tensor };
    const sources: Record<string, () => Tensor64[]> = {
      feed: () => lookUp(feeds, name),
      state: () => lookUp(states, path),
      constant: () => [widen(tensor)],
    };
    const made = (sources[node.op.name] ?? (() => compute(node, results)))();
    for (const output of node.outputs) results.set(output, made[output.index] as Tensor64);
  }
  return values.map((value) => results.get(value) as Tensor64);
}

/** Drops from loops what nobody needs: stacked values, states, sequences, captures. */
import { makeNode, type Node, reachable, type Value } from '../graph/value';
import { type Body, type LoopAttributes, loopOf } from '../ops/scan-body';

/** Positions of the states that the wanted values of a body are made of. */
function neededStates({ states, next }: Body, wanted: readonly Value[], lasts: readonly number[]): number[] {
  const needed = new Set(lasts);
  for (let size = -1; size !== needed.size; ) {
    size = needed.size;
    const found = new Set(reachable([...wanted, ...[...needed].map((i) => next[i] as Value)]));
    for (const [i, state] of states.entries()) if (found.has(state.node)) needed.add(i);
  }
  return [...needed].sort((a, b) => a - b);
}

/** A loop that gives and takes less. */
interface Smaller {
  readonly attributes: LoopAttributes;
  /** Positions of the inputs and outputs that remain. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** The loop of `node` with the outputs in `used` alone. */
function smallerLoop(node: Node, attributes: LoopAttributes, used: ReadonlySet<Value>): Smaller {
  const { body } = attributes;
  const { states, sequences, captures } = body;
  const isUsed = (index: number) => used.has(node.outputs[index] as Value);
  const kept = body.stacked.flatMap((_, k) => (isUsed(states.length + k) ? [k] : []));
  const lasts = states.flatMap((_, i) => (isUsed(i) ? [i] : []));
  const pick = (list: readonly Value[], positions: readonly number[]) => positions.map((i) => list[i] as Value);
  const stacked = pick(body.stacked, kept);
  const needed = neededStates(body, stacked, lasts);

  const roots = [...pick(body.next, needed), ...stacked];
  const now = prune(roots);
  const found = new Set(reachable(roots.map(now)));
  const readOf = (placeholders: readonly Value[]) =>
    placeholders.flatMap((value, i) => (found.has(value.node) ? [i] : []));
  const [parts, constants] = [readOf(sequences), readOf(captures)];
  const smaller: Body = {
    states: pick(states, needed),
    sequences: pick(sequences, parts),
    captures: pick(captures, constants),
    next: roots.slice(0, needed.length).map(now),
    stacked: roots.slice(needed.length).map(now),
  };
  const first = states.length + sequences.length;
  return {
    attributes: { ...attributes, body: smaller },
    inputs: [...needed, ...parts.map((j) => states.length + j), ...constants.map((c) => first + c)],
    outputs: [...needed, ...kept.map((k) => states.length + k)],
  };
}

/** What remains of every loop: decided from the last to the first, since one that takes less leaves less to do before. */
function smallerLoops(order: readonly Node[], roots: readonly Value[]): Map<Node, Smaller> {
  const used = new Set(roots);
  const smaller = new Map<Node, Smaller>();
  for (const node of [...order].reverse()) {
    if (!node.outputs.some((output) => used.has(output))) continue;
    const attributes = loopOf(node);
    const less = attributes && smallerLoop(node, attributes, used);
    if (less) smaller.set(node, less);
    for (const [i, input] of node.inputs.entries()) if (!less || less.inputs.includes(i)) used.add(input);
  }
  return smaller;
}

/**
 * Rewrites everything that `roots` need so that loops give and take only what is used.
 *
 * @returns for every value of the old graph that is needed its value in the new one
 */
export function prune(roots: readonly Value[]): (old: Value) => Value {
  const order = reachable(roots);
  const replaced = new Map<Value, Value>();
  const now = (old: Value): Value => replaced.get(old) ?? old;
  if (!order.some(loopOf)) return now;

  const smaller = smallerLoops(order, roots);
  for (const node of order) {
    const less = smaller.get(node);
    if (!less && (loopOf(node) || node.inputs.every((input) => now(input) === input))) continue;
    const inputs = less ? less.inputs.map((i) => node.inputs[i] as Value) : node.inputs;
    const outputs = less ? less.outputs.map((i) => node.outputs[i] as Value) : node.outputs;
    const rebuilt = makeNode(node.op, inputs.map(now), less?.attributes ?? node.attributes, outputs, node.path);
    outputs.forEach((output, i) => {
      const made = rebuilt.outputs[i] as Value;
      if (output.name !== undefined) made.name = output.name;
      replaced.set(output, made);
    });
  }
  return now;
}

/** The graph: nodes that apply an op, and the values that they give. Nothing here computes. */
import type { OpDefinition } from './define-op';
import { currentPath } from './errors';
import type { DType, Shape, TensorType } from './tensor';

/** Options of an op, fixed when the graph is built. Plain data, so that equal nodes can be found. */
export type Attributes = Readonly<Record<string, unknown>>;

/** One application of an op. */
export interface Node {
  readonly op: OpDefinition<never>;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  /** Grows with creation: inputs always have smaller ids. */
  readonly id: number;
  /** Path of the layer in whose trace it was made. */
  readonly path?: string;
}

/** A tensor that will exist when the program runs: its type now, its numbers later. */
export interface Value extends TensorType {
  readonly node: Node;
  /** Which output of the node this is. */
  readonly index: number;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Shown by `explain()`, in errors, and usable to fetch the value. */
  name?: string;
}

let nextId = 0;

/** Builds a node; only `defineOp` calls it. */
export function makeNode(
  op: OpDefinition<never>,
  inputs: readonly Value[],
  attributes: Attributes,
  types: readonly TensorType[],
  path = currentPath(),
): Node {
  const outputs: Value[] = [];
  const node: Node = { op, inputs, attributes, outputs, id: nextId++, path };
  for (const [index, { dtype, shape }] of types.entries()) outputs.push({ node, index, dtype, shape: [...shape] });
  return node;
}

/** Gives a value a name, by which `explain()` shows it and a session can fetch it. */
export function named<V extends Value>(name: string, value: V): V {
  value.name = name;
  return value;
}

export const isValue = (candidate: unknown): candidate is Value =>
  typeof candidate === 'object' && candidate !== null && 'node' in candidate && 'index' in candidate;

/** Every node that `roots` need, inputs before users. */
export function reachable(roots: readonly Value[]): Node[] {
  const seen = new Set<Node>();
  const pending = roots.map((root) => root.node);
  while (pending.length) {
    const node = pending.pop() as Node;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of node.inputs) pending.push(input.node);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

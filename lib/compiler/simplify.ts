/** Rewrites a graph into a smaller equal one: equal nodes are shared, neutral operations drop out. */
import { broadcastShapes } from '../graph/broadcast';
import { type Shape, sameShape, sizeOf, type Tensor, type TensorType, tensor } from '../graph/tensor';
import { type Attributes, makeNode, type Node, reachable, type Value } from '../graph/value';
import { add, broadcastTo, mul } from '../ops/elementwise';
import { constant, scalarConstant } from '../ops/source';
import { joinedSlices } from './joined-slices';
import { countUses } from './uses';

/**
 * A rule looks at a node whose inputs are already rewritten and gives the value that replaces its output 0. `shared` are
 * values that several nodes read.
 */
type Rule = (node: Node, shared: ReadonlySet<Value>) => Value | undefined;

/** The node's op applied to other inputs. */
const remade = (node: Node, inputs: readonly Value[], type: TensorType = node.outputs[0] as Value): Value =>
  makeNode(node.op, inputs, node.attributes, [type], node.path).outputs[0] as Value;

const isNumber = (value: Value | undefined, number: number): boolean =>
  value !== undefined && scalarConstant(value) === number;

const isBroadcast = (value: Value): boolean => value.node.op.name === 'broadcastTo';
const unbroadcast = (value: Value): Value => (isBroadcast(value) ? (value.node.inputs[0] as Value) : value);

/** The operand that remains, provided that no broadcasting by the other one is lost. */
const keep = (node: Node, position: number): Value | undefined => {
  const operand = node.inputs[position] as Value;
  const output = node.outputs[0] as Value;
  return sameShape(operand.shape, output.shape) && operand.dtype === output.dtype ? operand : undefined;
};

const neutralRight =
  (number: number): Rule =>
  (node) =>
    isNumber(node.inputs[1], number) ? keep(node, 0) : undefined;
const neutralEither =
  (number: number): Rule =>
  (node, shared) =>
    neutralRight(number)(node, shared) ?? (isNumber(node.inputs[0], number) ? keep(node, 1) : undefined);

const cancels: Rule = (node) => {
  const inner = (node.inputs[0] as Value).node;
  return inner.op === node.op ? inner.inputs[0] : undefined;
};

const isProduct = (value: Value): boolean => value.node.op.name === 'mul';
const isSmaller = (value: Value, than: Value): boolean => sizeOf(value.shape) < sizeOf(than.shape);

/** s t + s t = (2 s) t where s has fewer elements. */
const doubled: Rule = (node) => {
  const [product, other] = node.inputs as [Value, Value];
  if (product !== other || !isProduct(product)) return undefined;
  const { inputs } = product.node;
  const position = inputs.findIndex((factor) => isSmaller(factor, product));
  return position < 0 ? undefined : mul(mul(inputs[position] as Value, 2), inputs[1 - position] as Value);
};

/** (a b + c d) + e = a b + (c d + e), two products with a sum each, where e has fewer elements and only this reads a b + c d. */
const regrouped: Rule = (node, shared) => {
  const output = node.outputs[0] as Value;
  const position = node.inputs.findIndex(
    (input) =>
      input.node.op.name === 'add' &&
      !shared.has(input) &&
      input.node.inputs.every((term) => isProduct(term) && sameShape(term.shape, output.shape)),
  );
  const last = node.inputs[1 - position];
  if (position < 0 || !last || !isSmaller(last, output)) return undefined;
  const [first, second] = (node.inputs[position] as Value).node.inputs as [Value, Value];
  return add(first, add(second, last));
};

/** Views of views look at the first storage; a view of the same shape is the value itself. */
const view: Rule = (node) => {
  const [input] = node.inputs as [Value];
  const output = node.outputs[0] as Value;
  if (sameShape(input.shape, output.shape)) return input;
  if (input.node.op.kind !== 'view') return undefined;
  const base = input.node.inputs[0] as Value;
  if (sameShape(base.shape, output.shape)) return base;
  return remade(node, [base]);
};

/** A reshaped scalar constant, stretched or not, is a constant. */
const constantView: Rule = (node) => {
  const number = scalarConstant(unbroadcast(node.inputs[0] as Value));
  const output = node.outputs[0] as Value;
  if (number === undefined || output.dtype !== 'float32') return undefined;
  const one = sizeOf(output.shape) === 1 ? output.shape : [];
  return broadcastTo(constant(tensor(Float32Array.of(number), one)), output.shape);
};

/** Folding axes of length 1 changes nothing. */
const emptyFold: Rule = (node) => keep(node, 0);

const transposed: Rule = (node) => {
  const { permutation } = node.attributes as { permutation: readonly number[] };
  if (permutation.every((axis, i) => axis === i)) return node.inputs[0];
  const inner = (node.inputs[0] as Value).node;
  const [number] = inner.inputs;
  if (isBroadcast(node.inputs[0] as Value) && scalarConstant(number as Value) !== undefined) {
    return broadcastTo(number as Value, (node.outputs[0] as Value).shape);
  }
  if (inner.op !== node.op) return undefined;
  const first = (inner.attributes as { permutation: readonly number[] }).permutation;
  const both = permutation.map((axis) => first[axis] as number);
  if (both.every((axis, i) => axis === i)) return inner.inputs[0];
  return makeNode(node.op, inner.inputs, { permutation: both }, node.outputs, node.path).outputs[0];
};

/** Plain numbers: what an op of constants only comes to. */
const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
};

/** Computes ops of scalar constants now, in float32 as the core would. */
const folded = (node: Node): Value | undefined => {
  const compute = arithmetic[node.op.name];
  const output = node.outputs[0] as Value;
  const numbers = node.inputs.map(scalarConstant);
  if (!compute || output.dtype !== 'float32' || sizeOf(output.shape) !== 1) return undefined;
  if (numbers.some((number) => number === undefined)) return undefined;
  const [a, b] = numbers as [number, number];
  return constant(tensor(Float32Array.of(compute(a, b)), output.shape));
};

/** op(broadcast(x)) = broadcast(op(x)): work is done before stretching. */
const lifted: Rule = (node) => {
  const output = node.outputs[0] as Value;
  const stretched = node.inputs.filter((input) => scalarConstant(input) === undefined);
  if (stretched.length !== 1 || !isBroadcast(stretched[0] as Value) || isBroadcast(output)) return undefined;
  const inputs = node.inputs.map(unbroadcast);
  const shape = broadcastShapes(
    node.op.name,
    inputs.map((input) => input.shape),
  );
  const small = remade(node, inputs, { dtype: output.dtype, shape });
  return broadcastTo(folded(small.node) ?? small, output.shape);
};

/** Operands need not be stretched where another operand, or the op itself, already gives the shape. */
const stripped: Rule = (node) => {
  if (!node.inputs.some(isBroadcast)) return undefined;
  const output = node.outputs[0] as Value;
  const inputs = node.inputs.map(unbroadcast);
  const shape = isBroadcast(output)
    ? output.shape
    : broadcastShapes(
        node.op.name,
        inputs.map((input) => input.shape),
      );
  return sameShape(shape, output.shape) ? remade(node, inputs) : undefined;
};

const rules: Readonly<Record<string, Rule>> = {
  add: (node, shared) =>
    neutralEither(0)(node, shared) ?? joinedSlices(node) ?? doubled(node, shared) ?? regrouped(node, shared),
  where: (node) => (node.inputs[1] === node.inputs[2] ? keep(node, 1) : undefined),
  sub: neutralRight(0),
  mul: neutralEither(1),
  div: neutralRight(1),
  pow: neutralRight(1),
  neg: cancels,
  logicalNot: cancels,
  transpose: transposed,
  broadcastTo: (node) => keep(node, 0),
};

const simpler: Rule = (node, shared) => {
  if (node.op.kind === 'view') return constantView(node, shared) ?? view(node, shared);
  if (node.op.kind === 'reduction') return emptyFold(node, shared);
  const own = rules[node.op.name]?.(node, shared);
  if (own || node.op.kind !== 'elementwise') return own;
  return folded(node) ?? lifted(node, shared) ?? stripped(node, shared);
};

/** Attributes as text. Large constants are told apart by identity. */
function attributesAsText(attributes: Attributes, idOf: (thing: object) => number): string {
  for (const _ in attributes) {
    return JSON.stringify(attributes, (key, value) => {
      if (key === 'body') return idOf(value as object);
      if (key !== 'tensor') return value;
      const { dtype, shape, data } = value as Tensor;
      return data.length <= 16 ? { dtype, shape: shape as Shape, numbers: [...data].map(String) } : idOf(data);
    });
  }
  return '';
}

/** Equal text, equal node: op, inputs and attributes. */
function identityOf(node: Node, ids: Map<object, number>): string {
  const idOf = (thing: object) => ids.get(thing) ?? (ids.set(thing, ids.size).get(thing) as number);
  let text = node.op.name;
  for (const input of node.inputs) text += ` ${input.node.id}.${input.index}`;
  return text + attributesAsText(node.attributes, idOf);
}

/** Applies the rules until none does, and shares equal nodes. */
class Rewriter {
  private readonly canonical = new Map<string, Node>();
  private readonly ids = new Map<object, number>();
  private readonly settled = new Set<Node>();
  /** New values that several nodes of the old graph read. */
  readonly shared = new Set<Value>();

  /** The value that replaces `value`, whose inputs may be new as well. */
  settle(value: Value): Value {
    if (this.settled.has(value.node)) return value;
    const inputs = value.node.inputs.map((input) => this.settle(input));
    const changed = inputs.some((input, i) => input !== value.node.inputs[i]);
    const { op, attributes, outputs, path } = value.node;
    const node = changed ? makeNode(op, inputs, attributes, outputs, path) : value.node;
    const better = simpler(node, this.shared);
    if (better) return this.settle(better);
    const identity = identityOf(node, this.ids);
    const first = this.canonical.get(identity) ?? node;
    if (first === node) this.canonical.set(identity, node);
    this.settled.add(first);
    return first.outputs[value.index] as Value;
  }
}

/**
 * Rewrites everything that `roots` need.
 *
 * @returns for every value of the old graph its value in the new one; a root keeps its name
 */
export function simplify(roots: readonly Value[]): (old: Value) => Value {
  const replaced = new Map<Value, Value>();
  const rewriter = new Rewriter();
  const order = reachable(roots);
  const uses = countUses(order, roots);
  let rebuilding = false; // from the first change on every node is made anew, so that ids keep the order of the trace
  const now = (old: Value): Value => replaced.get(old) ?? old;

  for (const node of order) {
    const inputs = node.inputs.map(now);
    rebuilding ||= inputs.some((input, i) => input !== node.inputs[i]);
    const rewritten =
      rebuilding && inputs.length ? makeNode(node.op, inputs, node.attributes, node.outputs, node.path) : node;
    const first = rewriter.settle(rewritten.outputs[0] as Value);
    node.outputs.forEach((output, i) => {
      const made = i === 0 ? first : (first.node.outputs[i] as Value);
      if (output.name !== undefined && made.name === undefined) made.name = output.name;
      if (made !== output) replaced.set(output, made);
      if ((uses.get(output) ?? 0) > 1) rewriter.shared.add(made);
    });
  }
  return now;
}

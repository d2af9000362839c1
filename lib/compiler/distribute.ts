/**
 * Moves elementwise work before a concatenation, to the kernels that make its parts: f(concat(a, b)) =
 * concat(f(a), f(b)). There it joins what they do anyway, and the pass over the whole disappears.
 */
import { sameShape } from '../graph/tensor';
import { makeNode, type Node, reachable, type Value } from '../graph/value';
import { scalarConstant } from '../ops/source';
import { countUses } from './uses';

/** Rewrites one graph; `uses` counts those of its old values. */
class Distributor {
  private readonly made = new Map<Value, Value>();
  /** By old value the new concatenation that it has become, if its parts come from kernels. */
  private readonly concatenations = new Map<Value, Node>();

  constructor(private readonly uses: ReadonlyMap<Value, number>) {}

  now = (old: Value): Value => this.made.get(old) ?? old;

  /** True for a value that a kernel makes for one user, elementwise work behind it included. */
  private isMade(value: Value): boolean {
    const { op, inputs } = value.node;
    if (this.uses.get(value) !== 1) return false;
    return op.kind === 'kernel' || (op.kind === 'elementwise' && inputs.some((input) => this.isMade(input)));
  }

  /** The concatenation that `node` works on element by element, with numbers as its other operands. */
  private operandOf(node: Node): Node | undefined {
    const [input, ...others] = node.inputs.filter((operand) => scalarConstant(operand) === undefined);
    const isWhole = input && sameShape(input.shape, (node.outputs[0] as Value).shape);
    const isOnly = others.length === 0 && node.op.kind === 'elementwise';
    return isWhole && isOnly && this.uses.get(input) === 1 ? this.concatenations.get(input) : undefined;
  }

  private distributed(node: Node, concatenation: Node): Node {
    const { dtype, shape } = node.outputs[0] as Value;
    const parts = concatenation.inputs.map((part) => {
      const operands = node.inputs.map((operand) => (scalarConstant(operand) === undefined ? part : operand));
      const type = { dtype, shape: part.shape };
      return makeNode(node.op, operands, node.attributes, [type], part.node.path).outputs[0] as Value;
    });
    return makeNode(concatenation.op, parts, concatenation.attributes, [{ dtype, shape }], concatenation.path);
  }

  add(node: Node): void {
    if (node.inputs.length === 0) return;
    const concatenation = this.operandOf(node);
    const rebuilt = concatenation
      ? this.distributed(node, concatenation)
      : makeNode(node.op, node.inputs.map(this.now), node.attributes, node.outputs, node.path);
    const isOwn = node.op.name === 'concat' && node.inputs.every((part) => this.isMade(part));
    if (isOwn || concatenation) this.concatenations.set(node.outputs[0] as Value, rebuilt);
    node.outputs.forEach((output, i) => {
      const value = rebuilt.outputs[i] as Value;
      if (output.name !== undefined) value.name = output.name;
      this.made.set(output, value);
    });
  }
}

/**
 * Rewrites everything that `roots` need.
 *
 * @returns for every value of the old graph its value in the new one
 */
export function distribute(roots: readonly Value[]): (old: Value) => Value {
  const order = reachable(roots);
  const distributor = new Distributor(countUses(order, roots));
  for (const node of order) distributor.add(node);
  return distributor.now;
}

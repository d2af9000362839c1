/**
 * Moves work before a concatenation, to its parts. Elementwise work and max pooling: f(concat(a, b)) = concat(f(a), f(b)),
 * where it joins what the kernels that make the parts do anyway. A 1x1 convolution to fewer channels:
 * conv(concat(a, b), w) = conv(a, first rows of w) + conv(b, the others), so that nothing is concatenated at all.
 */
import { tracingAt } from '../graph/errors';
import { sameShape } from '../graph/tensor';
import { makeNode, type Node, reachable, type Value } from '../graph/value';
import { add } from '../ops/elementwise';
import { slice } from '../ops/slice';
import { scalarConstant } from '../ops/source';
import { applied } from './linear';
import { countUses } from './uses';

const isPointwise = ({ op, inputs, attributes }: Node): boolean =>
  op.name === 'conv2d' &&
  attributes.groups === 1 &&
  (attributes.padding as readonly number[]).every((side) => side === 0) &&
  [...(attributes.stride as readonly number[]), ...(inputs[1] as Value).shape.slice(0, 2)].every((size) => size === 1);

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

  /** The concatenation of channels that `node` reads images from, as its only reader. */
  private channelsOf(node: Node): Node | undefined {
    const [x] = node.inputs as [Value];
    const concatenation = this.uses.get(x) === 1 ? this.concatenations.get(x) : undefined;
    return concatenation?.attributes.axis === 3 ? concatenation : undefined;
  }

  private pooled(node: Node): Node | undefined {
    const isPool = node.op.name === 'maxPool' && (this.uses.get(node.outputs[1] as Value) ?? 0) === 0;
    const concatenation = isPool ? this.channelsOf(node) : undefined;
    if (!concatenation) return undefined;
    const pools = concatenation.inputs.map((part) => {
      const types = node.outputs.map(({ dtype, shape }) => ({
        dtype,
        shape: [...shape.slice(0, 3), part.shape[3] as number],
      }));
      return makeNode(node.op, [part], node.attributes, types, part.node.path).outputs[0] as Value;
    });
    return makeNode(concatenation.op, pools, concatenation.attributes, node.outputs.slice(0, 1), node.path);
  }

  /** The convolution as a sum of convolutions of the parts, where that moves fewer numbers. */
  private summed(node: Node): Value | undefined {
    const concatenation = this.channelsOf(node);
    const [x, w] = node.inputs as [Value, Value];
    const [channels, filters] = w.shape.slice(2) as [number, number];
    if (!concatenation || 2 * filters > channels) return undefined;
    let first = 0;
    const terms = concatenation.inputs.map((part) => {
      const size = part.shape[3] as number;
      const rows = slice(this.now(w), { begin: [0, 0, first, 0], size: [1, 1, size, filters] });
      first += size;
      return applied(node, part, rows);
    });
    return tracingAt(x.node.path ?? '', () => terms.reduce((sum, term) => add(sum, term)));
  }

  add(node: Node): void {
    if (node.inputs.length === 0) return;
    const around = this.operandOf(node);
    const concatenation = around ? this.distributed(node, around) : this.pooled(node);
    const sum = isPointwise(node) ? this.summed(node) : undefined;
    const rebuilt =
      concatenation ??
      sum?.node ??
      makeNode(node.op, node.inputs.map(this.now), node.attributes, node.outputs, node.path);
    const isOwn = node.op.name === 'concat' && node.inputs.every((part) => this.isMade(part));
    if (isOwn || concatenation) this.concatenations.set(node.outputs[0] as Value, rebuilt);
    node.outputs.slice(0, rebuilt.outputs.length).forEach((output, i) => {
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

/**
 * Undoes what float inference gains by and bytes lose by: bottlenecks become convolutions again, and biases and bounds
 * go before the pooling, concatenations and views that they stand behind, to the convolution that does them for nothing:
 * max(pool(x), c) = pool(max(x, c)), exactly.
 */
import { tracingAt } from '../graph/errors';
import { sameShape } from '../graph/tensor';
import { type Attributes, makeNode, type Node, reachable, type Value } from '../graph/value';
import { averagePool } from '../ops/pool';
import { scalarConstant } from '../ops/source';
import { fixedNodes } from './fixed';
import { countUses } from './uses';

/** Ops that pick and place numbers as they are. */
const placing = new Set(['maxPool', 'concat', 'transpose', 'slice', 'reshape']);

class Unfuser {
  private readonly made = new Map<Value, Value>();

  constructor(
    /** Of old values; those of new ones are added. */
    private readonly uses: Map<Value, number>,
    /** True for values that depend on no feed. */
    private readonly isFixed: (value: Value) => boolean,
  ) {}

  now = (old: Value): Value => this.made.get(old) ?? old;

  /** True where work of `node` on `value` may be done on what `value` places. */
  private canPass({ op }: Node, value: Value): boolean {
    const inner = value.node;
    const keepsChannels = inner.op.name === 'reshape' && inner.inputs[0]?.shape.at(-1) === value.shape.at(-1);
    const isPlacing = op.name === 'add' ? inner.op.name === 'maxPool' || keepsChannels : placing.has(inner.op.name);
    return isPlacing && this.uses.get(value) === 1 && inner.outputs.slice(1).every((output) => !this.uses.has(output));
  }

  /** Where the operand that is worked on stands, if the other one is a number, or a vector that pooling leaves alone. */
  private position(node: Node): number {
    const { op, inputs, outputs } = node;
    if (!['add', 'maximum', 'minimum'].includes(op.name)) return -1;
    return inputs.findIndex((input, i) => {
      const other = inputs[1 - i] as Value;
      const isVector = other.shape.length <= 1;
      const isKnown = op.name === 'add' ? this.isFixed(other) && isVector : scalarConstant(other) !== undefined;
      return isKnown && sameShape(input.shape, (outputs[0] as Value).shape) && this.canPass(node, this.now(input));
    });
  }

  /** `node` applied to what `value`, of the new graph, places, and placed. */
  private before(node: Node, position: number, value: Value): Value {
    const inner = value.node;
    const isPassed = this.canPass(node, value);
    const operands = isPassed
      ? inner.inputs.map((input) => this.before(node, position, input))
      : node.inputs.map((input, i) => (i === position ? value : this.now(input)));
    const { op, attributes, path } = isPassed ? inner : node;
    const types = isPassed ? inner.outputs : [{ dtype: value.dtype, shape: value.shape }];
    const moved = makeNode(op, operands, attributes, types, path).outputs[0] as Value;
    this.uses.set(moved, 1);
    return moved;
  }

  /** What a fused kernel is in other ops, and what averages over bins of one size are. */
  private defined({ op, inputs, attributes, path }: Node): Value[] | undefined {
    if (op.name === 'adaptiveAveragePool') return this.evenBins(this.now(inputs[0] as Value), attributes, path);
    if (op.name !== 'invertedBottleneck') return undefined;
    const define = op.define as (inputs: readonly Value[], attributes: Attributes) => Value;
    return [tracingAt(path ?? '', () => define(inputs.map(this.now), attributes))];
  }

  private evenBins(x: Value, attributes: Attributes, path = ''): Value[] | undefined {
    const [height, width] = attributes.size as readonly [number, number];
    const bin = [(x.shape[1] as number) / height, (x.shape[2] as number) / width] as const;
    if (!bin.every(Number.isInteger)) return undefined;
    return [bin.every((side) => side === 1) ? x : tracingAt(path, () => averagePool(x, { window: bin }))];
  }

  add(node: Node): void {
    if (node.inputs.length === 0) return;
    const position = this.position(node);
    const outputs =
      position < 0
        ? (this.defined(node) ??
          makeNode(node.op, node.inputs.map(this.now), node.attributes, node.outputs, node.path).outputs)
        : [this.before(node, position, this.now(node.inputs[position] as Value))];
    node.outputs.forEach((output, i) => {
      const value = outputs[i] as Value;
      if (output.name !== undefined) value.name = output.name;
      this.made.set(output, value);
      const uses = this.uses.get(output);
      if (uses) this.uses.set(value, uses);
    });
  }
}

/**
 * Rewrites everything that `roots` need, for quantization.
 *
 * @returns for every value of the old graph that is still there its value in the new one
 */
export function unfuse(roots: readonly Value[]): (old: Value) => Value {
  const order = reachable(roots);
  const fixed = fixedNodes(order);
  const unfuser = new Unfuser(countUses(order, roots), (value) => fixed.has(value.node));
  for (const node of order) unfuser.add(node);
  return unfuser.now;
}

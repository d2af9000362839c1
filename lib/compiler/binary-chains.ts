/**
 * What stands between the sums of a binary layer and the sign behind it. Whatever it is, the sign of a function of a whole
 * number is a comparison with a threshold, if the function grows or falls with it.
 */
import type { Node, Value } from '../graph/value';
import { binarizedFrom } from '../ops/binarize';
import { nodeFromData } from './body-template';

/** From the sums of a layer to the operand of a sign: work element by element, and at most one max pooling. */
export interface BinaryChain {
  /** The layer's sums. */
  readonly sums: Value;
  /** What is pooled, and the pooling. */
  readonly pooled?: { readonly value: Value; readonly node: Node };
  /** The operand of the sign. */
  readonly operand: Value;
}

export interface ChainFacts {
  readonly uses: ReadonlyMap<Value, number>;
  readonly isFixed: (value: Value) => boolean;
  readonly isSums: (value: Value) => boolean;
}

const isPerChannel = ({ shape }: Value): boolean => shape.slice(0, -1).every((length) => length === 1);

/** Follows one operand back; `inside` gathers how often each value of the way is read by the way itself. */
class Walk {
  readonly inside = new Map<Value, number>();
  sums?: Value;
  pooled?: BinaryChain['pooled'];

  constructor(private readonly facts: ChainFacts) {}

  /** True when `value` is made of the sums of one layer and of vectors alone. */
  back(value: Value): boolean {
    const known = this.inside.get(value);
    this.inside.set(value, (known ?? 0) + 1);
    if (known !== undefined) return true;
    if (this.facts.isSums(value)) {
      const isOnly = this.sums === undefined || this.sums === value;
      this.sums = value;
      return isOnly;
    }
    const { node } = value;
    const [input] = node.inputs;
    if (node.op.name === 'maxPool' && value.index === 0 && !this.pooled && !this.sums) {
      this.pooled = { value: input as Value, node };
      return !this.facts.uses.has(node.outputs[1] as Value) && this.back(input as Value);
    }
    if (node.op.kind !== 'elementwise' || node.op.name === 'broadcastTo') return false;
    return node.inputs.every((operand) => (this.facts.isFixed(operand) ? isPerChannel(operand) : this.back(operand)));
  }

  /** True when nothing else reads what is on the way; the operand itself is read `last` times by the sign. */
  isClosed(): boolean {
    return [...this.inside].every(([value, count]) => this.facts.uses.get(value) === count);
  }
}

/** The chain behind a sign, if there is one. */
export function chainOf(operand: Value, facts: ChainFacts): BinaryChain | undefined {
  const walk = new Walk(facts);
  if (!walk.back(operand) || !walk.sums || !walk.isClosed()) return undefined;
  if (walk.sums.shape.length !== operand.shape.length || walk.sums.shape.at(-1) !== operand.shape.at(-1))
    return undefined;
  // Only pooling itself may join what is before it with what is behind: a way around it would be pooled by nobody.
  if (walk.pooled && !isBehind(operand, walk.pooled.node.outputs[0] as Value, walk.sums)) return undefined;
  return { sums: walk.sums, pooled: walk.pooled, operand };
}

/** True when every way from `value` back to `sums` leads through `gate`. */
function isBehind(value: Value, gate: Value, sums: Value): boolean {
  if (value === gate) return true;
  if (value === sums) return false;
  return value.node.op.kind !== 'elementwise' || value.node.inputs.every((input) => isBehind(input, gate, sums));
}

/** The chain applied to other sums of as many channels, without its pooling: what is pooled, and the sign's operand. */
export function chainApplied({ sums, pooled, operand }: BinaryChain, other: Value): { pooled?: Value; operand: Value } {
  const made = new Map<Value, Value>([[sums, other]]);
  const now = (value: Value): Value => {
    const known = made.get(value);
    if (known) return known;
    const { node } = value;
    const isPool = node === pooled?.node;
    const inputs = node.inputs.map(now);
    const again = (): Value => nodeFromData(node.op.name, inputs, node.attributes, node.path)[value.index] as Value;
    const result = isPool ? (inputs[0] as Value) : node.op.kind === 'source' ? value : again();
    made.set(value, result);
    return result;
  };
  const result = now(operand);
  return { operand: result, pooled: pooled && now(pooled.value) };
}

/** The operand of the sign that `value` is, seen through views that keep bytes together. */
export function signedOperand(value: Value): Value | undefined {
  const x = binarizedFrom(value);
  return x && unviewed(x);
}

const isWhole = ({ shape }: Value): boolean => (shape.at(-1) ?? 1) % 8 === 0;

/** What `x` is a view of, as long as channels fill their bytes before and behind. */
export function unviewed(x: Value): Value {
  const { op, inputs } = x.node;
  const [input] = inputs as [Value];
  return op.kind === 'view' && isWhole(x) && isWhole(input) ? unviewed(input) : x;
}

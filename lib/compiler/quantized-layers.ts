/**
 * Convolutions and products with fixed weights, each with what an integer kernel does behind it for nothing:
 * y = clip(L(x, w) + bias + addend).
 */
import { sameShape, sizeOf } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import { scalarConstant } from '../ops/source';

/** What the matcher asks about the graph. */
export interface GraphFacts {
  /** How often a value is read. */
  readonly uses: ReadonlyMap<Value, number>;
  /** The only reader of a value that is read once, and by a node. */
  readonly readerOf: (value: Value) => Node | undefined;
  /** True for values that depend on no feed. */
  readonly isFixed: (value: Value) => boolean;
  /** True for values that were made as bytes so far. */
  readonly isMadeOfBytes: (value: Value) => boolean;
}

/** A vector that is added to every row, or taken away from it. */
export interface Summand {
  readonly vector: Value;
  readonly sign: 1 | -1;
}

/** y = clip(L(x, w) + bias + addend), L being a convolution or a product. */
export interface QuantizedLayer {
  readonly node: Node;
  readonly x: Value;
  /** [kh, kw, C / groups, K], or [K, N]; [N, K] of a product with `transposeB`. */
  readonly weights: Value;
  readonly summands: readonly Summand[];
  /** A tensor of y's shape, made of bytes as well. */
  readonly addend?: Value;
  readonly low: number;
  readonly high: number;
  /** y. */
  readonly result: Value;
}

/** Why a convolution or product stays as it is; undefined for those that can be converted. */
export function obstacleOf({ op, inputs, attributes }: Node, isFixed: GraphFacts['isFixed']): string | undefined {
  const [x, weights] = inputs as [Value, Value];
  if (!isFixed(weights)) return 'its weights depend on the input';
  if (isFixed(x)) return 'its input does not depend on that of the model';
  if (op.name === 'matmul' && (attributes.transposeA || weights.shape.length !== 2)) return 'it multiplies no rows';
  return undefined;
}

/** The operand of `node` that is not `value`. */
const otherOf = (node: Node, value: Value): Value => node.inputs[node.inputs[0] === value ? 1 : 0] as Value;

/** A scalar bound on all of `value`. */
const boundOf = (node: Node | undefined, name: string, value: Value): number | undefined =>
  node?.op.name === name ? scalarConstant(otherOf(node, value)) : undefined;

/** The vector that `node` adds to every row of `value`. */
function summandOf(node: Node, value: Value, isFixed: GraphFacts['isFixed']): Summand | undefined {
  const isSum = node.op.name === 'add' || (node.op.name === 'sub' && node.inputs[0] === value);
  if (!isSum || !sameShape((node.outputs[0] as Value).shape, value.shape)) return undefined;
  const vector = otherOf(node, value);
  const length = sizeOf(vector.shape);
  const isVector = length === 1 || (length === value.shape.at(-1) && vector.shape.at(-1) === length);
  if (!isVector || !isFixed(vector)) return undefined;
  return { vector, sign: node.op.name === 'add' ? 1 : -1 };
}

/** The bounds behind `value`, as far as nothing else reads what lies between: the last value of them, and both. */
export function clipBehind(value: Value, { readerOf }: Pick<GraphFacts, 'readerOf'>) {
  let result = value;
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (;;) {
    const reader = readerOf(result);
    const raised = boundOf(reader, 'maximum', result);
    const lowered = boundOf(reader, 'minimum', result);
    if (raised === undefined && lowered === undefined) return { result, low, high };
    low = Math.max(low, raised ?? low);
    high = Math.max(low, Math.min(high, lowered ?? high));
    result = (reader as Node).outputs[0] as Value;
  }
}

/** The layer that begins with `node`, a convolution or product without an obstacle. */
export function layerAt(node: Node, facts: GraphFacts): QuantizedLayer {
  const { readerOf, isFixed, isMadeOfBytes } = facts;
  const [x, weights] = node.inputs as [Value, Value];
  const summands: Summand[] = [];
  let value = node.outputs[0] as Value;
  let addend: Value | undefined;
  for (let reader = readerOf(value); reader; reader = readerOf(value)) {
    const summand = summandOf(reader, value, isFixed);
    const other = reader.op.name === 'add' && !addend ? otherOf(reader, value) : undefined;
    const isAddend = other && other !== value && sameShape(other.shape, value.shape) && isMadeOfBytes(other);
    if (summand) summands.push(summand);
    else if (isAddend) addend = other;
    else break;
    value = reader.outputs[0] as Value;
  }
  return { node, x, weights, summands, addend, ...clipBehind(value, facts) };
}

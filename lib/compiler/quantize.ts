/** Rewrites an inference graph as its quantization plan says, in an arithmetic: that of bytes, or one that simulates it. */
import { tracingAt } from '../graph/errors';
import type { TensorType } from '../graph/tensor';
import { makeNode, type Node, type Value } from '../graph/value';
import { scalarConstant } from '../ops/source';
import type { QuantizationPlan, QuantizedSum } from './quantization-plan';
import type { QuantizedLayer } from './quantized-layers';

/** What becomes of numbers. Codes are meant by their numbers in the plan; an *encoded* value is one in such a code. */
export interface QuantizedArithmetic {
  encode(x: Value, code: number): Value;
  decode(q: Value, code: number): Value;
  /** An encoded value in another code. */
  recode(q: Value, from: number, to: number): Value;
  /** y of a layer, encoded if `to` is given. */
  layer(layer: QuantizedLayer, operands: LayerOperands): Value;
  /** The outputs of an LSTM of floats; `index` is its number in the plan. */
  recurrent(node: Node, operands: readonly Value[], index: number): readonly Value[];
  /** y of a sum of encoded values. */
  sum(sum: QuantizedSum, operands: readonly Encoded[], to: number): Value;
  /** y of `averagePool`, or of a sum over the image. */
  average(node: Node, x: Encoded, to: number): Value;
  /** A function of encoded numbers, element by element. */
  map(x: Encoded, apply: (x: Value) => Value, to: number): Value;
  /** What borders of 0 are filled with. */
  zeroOf(code: number): number;
}

export interface Encoded {
  readonly value: Value;
  readonly code: number;
}

export interface LayerOperands {
  /** The layer's number in the plan. */
  readonly index: number;
  readonly x: Encoded;
  readonly addend?: Encoded;
  readonly to?: number;
}

class Rewriter {
  private readonly floats = new Map<Value, Value>();
  private readonly encoded = new Map<Value, Value>();

  constructor(
    private readonly plan: QuantizationPlan,
    private readonly arithmetic: QuantizedArithmetic,
    given: ReadonlyMap<Value, Value>,
  ) {
    for (const [old, value] of given) this.floats.set(old, value);
  }

  /** The value as floats. */
  now = (old: Value): Value => {
    const known = this.floats.get(old);
    const encoded = this.encoded.get(old);
    if (known || !encoded) return known ?? old;
    const value = tracingAt(old.node.path ?? '', () => this.arithmetic.decode(encoded, this.codeOf(old)));
    value.name ??= old.name;
    this.floats.set(old, value);
    return value;
  };

  private codeOf = (old: Value): number => this.plan.codeOf.get(old) as number;

  private encodedOf = (old: Value): Encoded => {
    const code = this.codeOf(old);
    const known = this.encoded.get(old);
    if (known) return { value: known, code };
    const value = tracingAt(old.node.path ?? '', () => this.arithmetic.encode(this.now(old), code));
    this.encoded.set(old, value);
    return { value, code };
  };

  private layer(layer: QuantizedLayer): void {
    const { x, addend, result } = layer;
    const isEncoded = this.plan.isBytes(result);
    const value = this.arithmetic.layer(layer, {
      index: this.plan.layers.indexOf(layer),
      x: this.encodedOf(x),
      ...(addend && { addend: this.encodedOf(addend) }),
      ...(isEncoded && { to: this.codeOf(result) }),
    });
    if (isEncoded) this.encoded.set(result, value);
    else this.setFloat(result, value);
  }

  /** A part of a concatenation in its code. */
  private part(part: Value, concatenation: Node, to: number): Value {
    if (!this.plan.rescaled(part, concatenation)) return this.encodedOf(part).value;
    if (!this.plan.isBytes(part)) return this.arithmetic.encode(this.now(part), to);
    return this.arithmetic.recode(this.encodedOf(part).value, this.codeOf(part), to);
  }

  /** What hands on encoded values, applied to them. */
  private carried(node: Node, to: number): Value {
    const { op, inputs, path } = node;
    const operands = inputs.map((input) =>
      op.name === 'concat' ? this.part(input, node, to) : this.encodedOf(input).value,
    );
    const attributes = op.name === 'pad' ? { ...node.attributes, value: this.arithmetic.zeroOf(to) } : node.attributes;
    const types = [op.infer(operands, attributes as never)].flat() as TensorType[];
    return makeNode(op, operands, attributes, types, path).outputs[0] as Value;
  }

  private converted(node: Node): Value {
    const to = this.codeOf(node.outputs[0] as Value);
    const { arithmetic } = this;
    if (node.op.name === 'averagePool' || node.op.name === 'sum') {
      return arithmetic.average(node, this.encodedOf(node.inputs[0] as Value), to);
    }
    const source = this.plan.mappedFrom.get(node.outputs[0] as Value);
    if (!source) return this.carried(node, to);
    return arithmetic.map(this.encodedOf(source), (x) => this.applied(node.outputs[0] as Value, source, x), to);
  }

  /** The function that `value` is of `source`, applied to x. */
  private applied(value: Value, source: Value, x: Value): Value {
    if (value === source) return x;
    if (scalarConstant(value) !== undefined) return value;
    const { op, inputs, attributes, path } = value.node;
    const operands = inputs.map((input) => this.applied(input, source, x));
    const types = [{ dtype: value.dtype, shape: x.shape }];
    return makeNode(op, operands, attributes, types, path).outputs[0] as Value;
  }

  private setFloat(old: Value, value: Value): void {
    value.name ??= old.name;
    this.floats.set(old, value);
  }

  /** What a node of floats gives. */
  private floating(node: Node): readonly Value[] {
    const operands = node.inputs.map(this.now);
    const index = this.plan.recurrent.findIndex((recurrent) => recurrent.node === node);
    if (index >= 0) return this.arithmetic.recurrent(node, operands, index);
    return makeNode(node.op, operands, node.attributes, node.outputs, node.path).outputs;
  }

  add(node: Node): void {
    const { layerOf, sumOf, absorbed, isBytes, isFixed } = this.plan;
    const [y] = node.outputs as [Value];
    if (node.inputs.length === 0 || isFixed(y)) return;
    const layer = layerOf.get(y);
    const sum = sumOf.get(y);
    if (layer) this.layer(layer);
    else if (sum) {
      this.encoded.set(y, this.arithmetic.sum(sum, sum.node.inputs.map(this.encodedOf), this.codeOf(y)));
    } else if (absorbed.has(node)) return;
    else if (isBytes(y)) this.encoded.set(y, this.converted(node));
    else {
      for (const [i, value] of this.floating(node).entries()) this.setFloat(node.outputs[i] as Value, value);
    }
  }
}

/**
 * Rewrites the graph of a plan.
 *
 * @param given values in the place of old ones, e.g. of feeds
 * @returns for every value of the old graph that is still there its value in the new one, as floats
 */
export function rewriteQuantized(
  plan: QuantizationPlan,
  arithmetic: QuantizedArithmetic,
  given: ReadonlyMap<Value, Value> = new Map(),
): (old: Value) => Value {
  const rewriter = new Rewriter(plan, arithmetic, given);
  for (const node of plan.order) tracingAt(node.path ?? '', () => rewriter.add(node));
  return rewriter.now;
}

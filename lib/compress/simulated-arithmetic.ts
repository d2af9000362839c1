/** Quantized layers in floats that only take the values that bytes stand for: what training and tests compute. */

import type { QuantizedSum } from '../compiler/quantization-plan';
import type { Encoded, LayerOperands, QuantizedArithmetic } from '../compiler/quantize';
import type { QuantizedLayer } from '../compiler/quantized-layers';
import { fakeQuantize, fakeQuantizeWeights, weightScale } from '../functions/fake-quantize';
import { straightThrough } from '../functions/straight-through';
import { sizeOf, type TensorType } from '../graph/tensor';
import { makeNode, type Node, type Value } from '../graph/value';
import { add, broadcastTo, div, maximum, minimum, mul, neg, round } from '../ops/elementwise';
import type { WeightBits } from '../ops/quantization-range';
import { reshape, stopGradient } from '../ops/shape';

/** A code in the graph: scale and zero point as scalars. */
export interface SimulatedCode {
  readonly scale: Value;
  readonly zeroPoint: Value;
}

/** x within finite bounds. */
function bounded(x: Value, low: number, high: number): Value {
  const raised = low === Number.NEGATIVE_INFINITY ? x : maximum(x, low);
  return high === Number.POSITIVE_INFINITY ? raised : minimum(raised, high);
}

const applied = ({ op, attributes, path }: Node, inputs: readonly Value[]): Value => {
  const types = [op.infer(inputs, attributes as never)].flat() as TensorType[];
  return makeNode(op, inputs, attributes, types, path).outputs[0] as Value;
};

/** Floats on the grids of codes, by number; `pass` may let a value through as it is. */
export class SimulatedArithmetic implements QuantizedArithmetic {
  constructor(
    private readonly codes: readonly SimulatedCode[],
    private readonly bits: WeightBits,
    private readonly pass: (x: Value, rounded: Value) => Value = (_, rounded) => rounded,
    /** Told of every value before it is rounded. */
    private readonly observe: (x: Value, code: number) => void = () => {},
  ) {}

  encode = (x: Value, code: number): Value => {
    this.observe(x, code);
    return this.pass(x, fakeQuantize(x, this.codes[code] as SimulatedCode));
  };

  decode = (q: Value): Value => q;

  recode = (q: Value, _: number, to: number): Value => this.encode(q, to);

  map(x: Encoded, apply: (x: Value) => Value, to: number): Value {
    return this.encode(apply(x.value), to);
  }

  zeroOf = (): number => 0;

  /** The bias in whole units of the sums, as int32 has it. */
  private bias({ summands }: QuantizedLayer, x: Encoded, scale: Value): Value | undefined {
    if (summands.length === 0) return undefined;
    const vectors = summands.map(({ vector, sign }) =>
      reshape(sign < 0 ? neg(vector) : vector, [sizeOf(vector.shape)]),
    );
    const unit = stopGradient(mul((this.codes[x.code] as SimulatedCode).scale, reshape(scale, [sizeOf(scale.shape)])));
    const bias = broadcastTo(
      vectors.reduce((sum, vector) => add(sum, vector)),
      unit.shape,
    );
    return this.pass(bias, straightThrough(mul(round(div(bias, unit)), unit), bias));
  }

  layer(layer: QuantizedLayer, { x, addend, to }: LayerOperands): Value {
    const { node, weights, low, high } = layer;
    const options = { bits: this.bits, axis: node.attributes.transposeB ? 0 : -1 };
    const rounded = this.pass(weights, fakeQuantizeWeights(weights, options));
    const bias = this.bias(layer, x, weightScale(weights, options));
    const product = applied(node, [x.value, rounded]);
    const biased = bias ? add(product, bias) : product;
    const y = bounded(addend ? add(biased, addend.value) : biased, low, high);
    return to === undefined ? y : this.encode(y, to);
  }

  /** Weights are rounded; hidden states are not, since they live inside of the kernel. */
  recurrent({ op, attributes, outputs, path }: Node, operands: readonly Value[]): readonly Value[] {
    const rounded = (weights: Value) => this.pass(weights, fakeQuantizeWeights(weights, { bits: this.bits }));
    const inputs = operands.map((operand, i) => (i === 3 ? rounded(operand) : operand));
    return makeNode(op, inputs, attributes, outputs, path).outputs;
  }

  sum({ low, high }: QuantizedSum, [a, b]: readonly Encoded[], to: number): Value {
    return this.encode(bounded(add((a as Encoded).value, (b as Encoded).value), low, high), to);
  }

  average(node: Node, x: Encoded, to: number): Value {
    return this.encode(applied(node, [x.value]), to);
  }
}

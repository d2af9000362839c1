/** Quantized layers as the integer kernels compute them. */
import type { Node, Value } from '../graph/value';
import type { AveragePoolOptions } from '../ops/pool';
import { byteOf } from '../ops/quantization-range';
import { dequantizeLinear, mapBytes, type Quantization, quantizeLinear, requantize } from '../ops/quantize-linear';
import { quantizedAdd } from '../ops/quantized-add';
import { type Addend, quantizedConv2d } from '../ops/quantized-conv2d';
import { hiddenQuantization, quantizedLstm } from '../ops/quantized-lstm';
import { quantizedMatmul } from '../ops/quantized-matmul';
import { quantizedAveragePool } from '../ops/quantized-pool';
import type { RecurrentAttributes } from '../ops/recurrent';
import { reshape } from '../ops/shape';
import { constant } from '../ops/source';
import type { Sliding } from '../ops/window';
import type { QuantizedSum } from './quantization-plan';
import type { Encoded, LayerOperands, QuantizedArithmetic } from './quantize';
import type { QuantizedWeights } from './quantize-weights';
import type { QuantizedLayer } from './quantized-layers';

/** Bounds beyond every byte. */
const farthest = 1e30;

/** Bytes in the place of floats, with the codes and weights of a plan by number. */
export class ByteArithmetic implements QuantizedArithmetic {
  constructor(
    private readonly codes: readonly Quantization[],
    private readonly weights: readonly QuantizedWeights[],
    private readonly recurrentWeights: readonly QuantizedWeights[],
  ) {}

  private code = (number: number): Quantization => this.codes[number] as Quantization;

  encode = (x: Value, code: number): Value => quantizeLinear(x, this.code(code));

  decode = (q: Value, code: number): Value => dequantizeLinear(q, this.code(code));

  recode = (q: Value, from: number, to: number): Value => requantize(q, { from: this.code(from), to: this.code(to) });

  /** A table of the function at every byte; folding constants computes it. */
  map(x: Encoded, apply: (x: Value) => Value, to: number): Value {
    const all = constant(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    return mapBytes(x.value, this.encode(apply(this.decode(all, x.code)), to));
  }

  zeroOf = (code: number): number => this.code(code).zeroPoint;

  /** Bounds as bytes. */
  private range(to: number, low: number, high: number) {
    const code = this.code(to);
    const bound = (x: number) => byteOf(Math.min(farthest, Math.max(-farthest, x)), code);
    return { zero: code.zeroPoint, low: bound(low), high: bound(high) };
  }

  /** A summand in units of the result. */
  private summand({ value, code }: Encoded, unit: number): Addend {
    const { scale, zeroPoint } = this.code(code);
    return { value, scale: Math.fround(scale / unit), zero: zeroPoint };
  }

  layer({ node, low, high }: QuantizedLayer, { index, x, addend, to }: LayerOperands): Value {
    const { weight, bias, scale } = this.weights[index] as QuantizedWeights;
    const from = this.code(x.code);
    const unit = to === undefined ? 1 : this.code(to).scale;
    const shares = scale.map((own) => (from.scale * own) / unit);
    const operands = [x.value, constant(weight), constant(bias), constant(shares)] as const;
    const options = {
      inputZero: from.zeroPoint,
      ...(addend && { addend: this.summand(addend, unit) }),
      output: to === undefined ? { low, high } : this.range(to, low, high),
    };
    if (node.op.name === 'matmul') return quantizedMatmul(...operands, options);
    const { stride, padding, dilation, groups } = node.attributes as unknown as Sliding & { groups: number };
    return quantizedConv2d(...operands, { ...options, stride, padding, dilation, groups });
  }

  recurrent({ attributes }: Node, operands: readonly Value[], index: number): readonly Value[] {
    const [gates, hidden, cell] = operands as [Value, Value, Value];
    const { weight, scale } = this.recurrentWeights[index] as QuantizedWeights;
    const shares = constant(scale.map((own) => own * hiddenQuantization.scale));
    const { reverse, hasLengths } = attributes as RecurrentAttributes;
    const options = { reverse, ...(hasLengths && { lengths: operands.at(-1) as Value }) };
    const last = quantizedLstm(gates, hidden, cell, constant(weight), shares, options);
    return [last.output, last.hidden, last.cell];
  }

  sum({ low, high }: QuantizedSum, operands: readonly Encoded[], to: number): Value {
    const [a, b] = operands.map((operand) => this.summand(operand, this.code(to).scale)) as [Addend, Addend];
    return quantizedAdd(a, b, this.range(to, low, high));
  }

  /** A sum over the image is an average times the number of pixels. */
  average({ op, attributes, inputs, outputs }: Node, x: Encoded, to: number): Value {
    const from = this.code(x.code);
    const { scale, zeroPoint } = this.code(to);
    const common = { inputZero: from.zeroPoint, output: { zero: zeroPoint } };
    const ratio = from.scale / scale;
    if (op.name === 'averagePool') {
      const pooling = attributes as unknown as AveragePoolOptions;
      return quantizedAveragePool(x.value, { ...pooling, scale: Math.fround(ratio), ...common });
    }
    const [height, width] = (inputs[0] as Value).shape.slice(1, 3) as [number, number];
    const whole = { window: [height, width] as const, scale: Math.fround(ratio * height * width) };
    return reshape(quantizedAveragePool(x.value, { ...whole, ...common }), (outputs[0] as Value).shape);
  }
}

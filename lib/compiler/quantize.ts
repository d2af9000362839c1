/** Rewrites an inference graph as its quantization plan says: bytes between layers, exact sums inside of them. */
import { tracingAt } from '../graph/errors';
import { makeNode, type Node, type Value } from '../graph/value';
import { concat } from '../ops/concat';
import { type AveragePoolOptions, maxPool } from '../ops/pool';
import { byteOf } from '../ops/quantization-range';
import { dequantizeLinear, type Quantization, quantizeLinear, requantize } from '../ops/quantize-linear';
import { quantizedAdd } from '../ops/quantized-add';
import { quantizedConv2d } from '../ops/quantized-conv2d';
import { quantizedMatmul } from '../ops/quantized-matmul';
import { quantizedAveragePool } from '../ops/quantized-pool';
import { reshape } from '../ops/shape';
import { constant } from '../ops/source';
import type { QuantizationPlan, QuantizedSum } from './quantization-plan';
import type { QuantizedWeights } from './quantize-weights';
import type { QuantizedLayer } from './quantized-layers';

/** Numbers for a plan: the code of each number of a code, and the weights of each layer. */
export interface QuantizationNumbers {
  readonly codes: readonly Quantization[];
  readonly weights: readonly QuantizedWeights[];
}

/** The bytes that bounds come to. */
const rangeOf = (code: Quantization, low: number, high: number) => ({
  zero: code.zeroPoint,
  low: byteOf(Math.max(low, -1e30), code),
  high: byteOf(Math.min(high, 1e30), code),
});

class Quantizer {
  private readonly floats = new Map<Value, Value>();
  private readonly bytes = new Map<Value, Value>();

  constructor(
    private readonly plan: QuantizationPlan,
    private readonly numbers: QuantizationNumbers,
  ) {}

  /** The value as floats. */
  now = (old: Value): Value => {
    const known = this.floats.get(old);
    const bytes = this.bytes.get(old);
    if (known || !bytes) return known ?? old;
    const value = tracingAt(old.node.path ?? '', () => dequantizeLinear(bytes, this.codeOf(old)));
    value.name = old.name;
    this.floats.set(old, value);
    return value;
  };

  private codeOf(old: Value): Quantization {
    return this.numbers.codes[this.plan.codeOf.get(old) as number] as Quantization;
  }

  private bytesOf(old: Value): Value {
    const known = this.bytes.get(old);
    if (known) return known;
    const made = tracingAt(old.node.path ?? '', () => quantizeLinear(this.now(old), this.codeOf(old)));
    this.bytes.set(old, made);
    return made;
  }

  private layer(layer: QuantizedLayer, weights: QuantizedWeights): void {
    const { node, x, addend, low, high, result } = layer;
    const from = this.codeOf(x);
    const isBytes = this.plan.isBytes(result);
    const to = isBytes ? this.codeOf(result) : { scale: 1, zeroPoint: 0 };
    const shares = weights.scale.map((scale) => (from.scale * scale) / to.scale);
    const added = addend && {
      value: this.bytesOf(addend),
      scale: Math.fround(this.codeOf(addend).scale / to.scale),
      zero: this.codeOf(addend).zeroPoint,
    };
    const options = {
      inputZero: from.zeroPoint,
      ...(added && { addend: added }),
      output: isBytes ? rangeOf(to, low, high) : { low, high },
    };
    const operands = [this.bytesOf(x), constant(weights.weight), constant(weights.bias), constant(shares)] as const;
    const { stride, padding, dilation, groups } = node.attributes as Record<string, never>;
    const value =
      node.op.name === 'conv2d'
        ? quantizedConv2d(...operands, { ...options, stride, padding, dilation, groups })
        : quantizedMatmul(...operands, options);
    this.set(result, value, isBytes);
  }

  private sum({ node, low, high, result }: QuantizedSum): void {
    const to = this.codeOf(result);
    const [a, b] = node.inputs.map((input) => ({
      value: this.bytesOf(input),
      scale: Math.fround(this.codeOf(input).scale / to.scale),
      zero: this.codeOf(input).zeroPoint,
    })) as [Parameters<typeof quantizedAdd>[0], Parameters<typeof quantizedAdd>[1]];
    this.set(result, quantizedAdd(a, b, rangeOf(to, low, high)), true);
  }

  /** Averages, and sums over the image as averages times the number of pixels. */
  private average(node: Node): Value {
    const [x] = node.inputs as [Value];
    const [y] = node.outputs as [Value];
    const [from, to] = [this.codeOf(x), this.codeOf(y)];
    const common = { inputZero: from.zeroPoint, output: { zero: to.zeroPoint } };
    const ratio = from.scale / to.scale;
    if (node.op.name === 'averagePool') {
      const pooling = node.attributes as unknown as AveragePoolOptions;
      return quantizedAveragePool(this.bytesOf(x), { ...pooling, scale: Math.fround(ratio), ...common });
    }
    const [height, width] = x.shape.slice(1, 3) as [number, number];
    const scale = Math.fround(ratio * height * width);
    return reshape(quantizedAveragePool(this.bytesOf(x), { window: [height, width], scale, ...common }), y.shape);
  }

  /** What hands bytes on, applied to bytes. */
  private carried(node: Node): Value {
    const { op, inputs, attributes, path } = node;
    const [y] = node.outputs as [Value];
    if (op.name === 'concat') {
      const parts = inputs.map((part) => {
        if (!this.plan.rescaled(part, node)) return this.bytesOf(part);
        if (!this.plan.isBytes(part)) return quantizeLinear(this.now(part), this.codeOf(y));
        return requantize(this.bytesOf(part), { from: this.codeOf(part), to: this.codeOf(y) });
      });
      return concat(parts, attributes as { axis: number });
    }
    const [x] = inputs.map((input) => this.bytesOf(input)) as [Value];
    if (op.name === 'maxPool') return maxPool(x, attributes as unknown as Parameters<typeof maxPool>[1]);
    const zero = op.name === 'pad' ? { ...attributes, value: this.codeOf(y).zeroPoint } : attributes;
    return makeNode(op, [x], zero, [{ dtype: x.dtype, shape: y.shape }], path).outputs[0] as Value;
  }

  /** A bound as bytes of another code, which saturates there. */
  private clipped(node: Node): Value {
    const x = node.inputs.find((input) => !this.plan.isFixed(input)) as Value;
    return requantize(this.bytesOf(x), { from: this.codeOf(x), to: this.codeOf(node.outputs[0] as Value) });
  }

  private converted(node: Node): Value {
    if (node.op.name === 'averagePool' || node.op.name === 'sum') return this.average(node);
    return node.op.kind === 'elementwise' ? this.clipped(node) : this.carried(node);
  }

  private set(old: Value, value: Value, isBytes: boolean): void {
    if (isBytes) this.bytes.set(old, value);
    else {
      value.name = old.name;
      this.floats.set(old, value);
    }
  }

  private add(node: Node): void {
    const { layerOf, layers, sumOf, absorbed, isBytes, isFixed } = this.plan;
    const [y] = node.outputs as [Value];
    if (node.inputs.length === 0 || isFixed(y)) return;
    const layer = layerOf.get(y);
    const sum = sumOf.get(y);
    if (layer) this.layer(layer, this.numbers.weights[layers.indexOf(layer)] as QuantizedWeights);
    else if (sum) this.sum(sum);
    else if (absorbed.has(node)) return;
    else if (isBytes(y)) this.set(y, this.converted(node), true);
    else {
      const rebuilt = makeNode(node.op, node.inputs.map(this.now), node.attributes, node.outputs, node.path);
      node.outputs.forEach((output, i) => {
        this.set(output, rebuilt.outputs[i] as Value, false);
      });
    }
  }

  run(): void {
    for (const node of this.plan.order) tracingAt(node.path ?? '', () => this.add(node));
  }
}

/**
 * Rewrites the graph of a plan.
 *
 * @returns for every value of the old graph that is still there its value in the new one, as floats
 */
export function quantizeGraph(plan: QuantizationPlan, numbers: QuantizationNumbers): (old: Value) => Value {
  const quantizer = new Quantizer(plan, numbers);
  quantizer.run();
  return quantizer.now;
}

/** Rewrites an inference graph as its binary plan says: bits between layers, whole sums inside of them. */
import { tracingAt } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { makeNode, type Node, type Value } from '../graph/value';
import { binarize, binarizedFrom } from '../ops/binarize';
import { binaryConv2d } from '../ops/binary-conv2d';
import { binaryMatmul } from '../ops/binary-matmul';
import type { BinaryOutput } from '../ops/binary-output';
import { mul } from '../ops/elementwise';
import { maxPoolBits } from '../ops/max-pool-bits';
import { bytesOfBits, packBits, unpackBits } from '../ops/pack-bits';
import type { PoolOptions } from '../ops/pool-window';
import { reshape } from '../ops/shape';
import { constant } from '../ops/source';
import { transpose } from '../ops/transpose';
import type { Border, Pair } from '../ops/window';
import { type BinaryChain, unviewed } from './binary-chains';
import type { BinaryLayer } from './binary-layers';
import type { BinaryPlan } from './binary-plan';
import { applied } from './linear';

/** A chain as what binary layers do: bit = (sum >= threshold) xor flip for each filter, and what pools such bits. */
export interface BitThresholds {
  /** int32 [K] */
  readonly threshold: Tensor;
  /** uint8 [K] */
  readonly flip: Tensor;
  /** uint8 [ceil(K / 8)]: the bits of filters of which the least is pooled; absent without pooling. */
  readonly least?: Tensor;
}

const windowOf = ({ attributes }: Node): PoolOptions => attributes as unknown as PoolOptions;

const isUnit = (magnitudes: Float32Array): boolean => magnitudes.every((magnitude) => magnitude === 1);

class Binarizer {
  private readonly made = new Map<Value, Value>();
  private readonly bits = new Map<Value, Value>();
  /** Layers by their packed weights. */
  private readonly packed = new Map<BinaryLayer, Value>();

  /** @param thresholds of the plan's chains, in order; undefined for chains that are no comparison */
  constructor(
    private readonly plan: BinaryPlan,
    thresholds: readonly (BitThresholds | undefined)[],
  ) {
    this.thresholdsOf = new Map([...plan.chains.values()].map((chain, i) => [chain, thresholds[i]]));
  }

  private readonly thresholdsOf: ReadonlyMap<BinaryChain, BitThresholds | undefined>;

  now = (old: Value): Value => this.made.get(old) ?? old;

  private weightsOf(layer: BinaryLayer): Value {
    const known = this.packed.get(layer);
    if (known) return known;
    const w = this.now(layer.node.inputs[1] as Value);
    const packed = packBits(transpose(w, w.shape.length === 4 ? [3, 0, 1, 2] : [1, 0]));
    this.packed.set(layer, packed);
    return packed;
  }

  private summed(layer: BinaryLayer, output: BinaryOutput): Value {
    const { node, border } = layer;
    const signs = layer.signs as Value;
    const channels = signs.shape.at(-1) as number;
    return tracingAt(node.path ?? '', () => {
      const [x, weight] = [this.bitsOf(signs), this.weightsOf(layer)];
      if (node.op.name === 'matmul') return binaryMatmul(x, weight, { channels, output });
      const { stride, dilation } = node.attributes as { stride: Pair; dilation: Pair };
      const padding = border.padding as unknown as Border;
      return binaryConv2d(x, weight, { stride, dilation, padding, paddingValue: border.value, channels, output });
    });
  }

  /** The sums of a layer as floats; what follows them stays what it was, number by number. */
  private floats(layer: BinaryLayer): Value {
    const { node, signs, magnitudes } = layer;
    if (signs) {
      const offset = constant(new Float32Array(magnitudes.length));
      return this.summed(layer, { scale: constant(magnitudes), offset });
    }
    const [x, w] = node.inputs as [Value, Value];
    const y = applied(node, this.now(x), binarize(w));
    return isUnit(magnitudes) ? y : mul(y, constant(magnitudes));
  }

  /** The bits of a sign, or of signs that are pooled or seen as another shape. */
  private bitsOf(signs: Value): Value {
    const known = this.bits.get(signs);
    if (known) return known;
    const x = binarizedFrom(signs);
    const bits = tracingAt(signs.node.path ?? '', () => (x ? this.signed(x) : this.moved(signs)));
    this.bits.set(signs, bits);
    return bits;
  }

  private moved(signs: Value): Value {
    const { op, inputs } = signs.node;
    const [input] = inputs as [Value];
    if (op.name === 'maxPool') return maxPoolBits(this.bitsOf(input), windowOf(signs.node));
    const channels = [input, signs].map(({ shape }) => shape.at(-1) as number);
    if (channels.some((count) => count % 8 !== 0)) return packBits(this.now(signs));
    return this.seenAs(this.bitsOf(input), signs);
  }

  private seenAs = (bits: Value, { shape }: Value): Value =>
    reshape(bits, [...shape.slice(0, -1), bytesOfBits(shape.at(-1) as number)]);

  /** The bits of sign(x): out of the sums of the layer before, if a chain leads there. */
  private signed(x: Value): Value {
    const operand = unviewed(x);
    const chain = this.plan.chains.get(operand);
    const thresholds = chain && this.thresholdsOf.get(chain);
    if (!chain || !thresholds) return packBits(this.now(x));
    const layer = this.plan.layerOf.get(chain.sums) as BinaryLayer;
    const { threshold, flip, least } = thresholds;
    const bits = this.summed(layer, { threshold: constant(threshold), flip: constant(flip) });
    const { pooled } = chain;
    const small = pooled && least ? maxPoolBits(bits, { ...windowOf(pooled.node), least: constant(least) }) : bits;
    return this.seenAs(small, x);
  }

  /** Signs that something reads as floats, although no floats are there to take the sign of. */
  private unpacked(y: Value): Value | undefined {
    const x = binarizedFrom(y);
    const chain = x && this.plan.chains.get(unviewed(x));
    const isBits = chain && this.thresholdsOf.get(chain);
    return isBits ? unpackBits(this.bitsOf(y), y.shape.at(-1) as number) : undefined;
  }

  add(node: Node): void {
    if (node.inputs.length === 0) return;
    const [y] = node.outputs as [Value];
    const layer = this.plan.layerOf.get(y);
    const value = layer ? tracingAt(node.path ?? '', () => this.floats(layer)) : this.unpacked(y);
    const rebuilt = value
      ? [value]
      : makeNode(node.op, node.inputs.map(this.now), node.attributes, node.outputs, node.path).outputs;
    node.outputs.forEach((output, i) => {
      const made = rebuilt[i] as Value;
      if (output.name !== undefined) made.name = output.name;
      this.made.set(output, made);
    });
  }
}

/**
 * Rewrites everything that a plan is about.
 *
 * @returns for every value of the old graph its value in the new one
 */
export function binarizeGraph(
  plan: BinaryPlan,
  thresholds: readonly (BitThresholds | undefined)[],
): (old: Value) => Value {
  const binarizer = new Binarizer(plan, thresholds);
  for (const node of plan.order) binarizer.add(node);
  return binarizer.now;
}

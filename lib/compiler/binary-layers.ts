/** Which convolutions and products of an inference graph are of +-1, and why the others are not. */
import { sizeOf, type Tensor } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import { binarizedFrom } from '../ops/binarize';

/** A convolution or product whose weights are +-1 times one factor per filter. */
export interface BinaryLayer {
  readonly node: Node;
  /** The input as +-1, without what pads it; undefined where it is real, so that only the weights are bits. */
  readonly signs?: Value;
  /** What stands around the signs. */
  readonly border: { readonly padding: readonly number[]; readonly value: 0 | 1 | -1 };
  /** |w| of each filter. */
  readonly magnitudes: Float32Array;
}

/** Numbers of a value that is a constant. */
export const tensorOf = ({ node }: Value): Tensor | undefined =>
  node.op.name === 'constant' ? (node.attributes as { tensor: Tensor }).tensor : undefined;

/** The magnitude that all weights of a filter, a last index, share; or words about the first that do not. */
export function magnitudesOf({ shape, data }: Tensor): Float32Array | string {
  const filters = shape.at(-1) as number;
  const magnitudes = Float32Array.from(data.subarray(0, filters), Math.abs);
  const wrong = data.findIndex((weight, i) => Math.abs(weight) !== magnitudes[i % filters]);
  if (wrong >= 0) {
    const filter = wrong % filters;
    return `weights other than +-1 times one number per filter: ${magnitudes[filter]} and ${Math.abs(data[wrong] as number)} in filter ${filter}`;
  }
  const isMixed = data.some((weight) => weight < 0) && data.some((weight) => weight > 0);
  return isMixed ? magnitudes : 'weights of one sign';
}

/** True for values that hold nothing but +1 and -1. */
export function isSigns(value: Value): boolean {
  if (binarizedFrom(value)) return true;
  const { op, inputs } = value.node;
  const isMoved = op.kind === 'view' || (op.name === 'maxPool' && value.index === 0);
  return isMoved && isSigns(inputs[0] as Value);
}

const none = [0, 0, 0, 0];

/** Signs with signs around them: the padding by an op of its own. */
function bordered(x: Value): { signs: Value; border: BinaryLayer['border'] } | undefined {
  const { op, inputs, attributes } = x.node;
  const [inner] = inputs as [Value];
  const { before, after, mode, value } = attributes as {
    before: number[];
    after: number[];
    mode: string;
    value: number;
  };
  if (op.name !== 'pad' || mode !== 'constant' || Math.abs(value) !== 1 || !isSigns(inner)) return undefined;
  const isPlanar = [...before, ...after].every((width, axis) => width === 0 || axis % 4 === 1 || axis % 4 === 2);
  if (!isPlanar || x.shape.length !== 4) return undefined;
  const padding = [before[1], after[1], before[2], after[2]] as number[];
  return { signs: inner, border: { padding, value: value as 1 | -1 } };
}

/** Ops with weights that could be +-1 but have no binary form. */
const others = new Set(['conv2dGradInput', 'invertedBottleneck', 'lstm', 'gru']);

/** The layer at a node; words why it cannot be one; undefined for nodes without weights. */
export function binaryLayerAt(node: Node): BinaryLayer | string | undefined {
  const { op, inputs, attributes } = node;
  if (others.has(op.name)) return 'no binary form';
  if (op.name !== 'conv2d' && op.name !== 'matmul') return undefined;
  const [x, w] = inputs as [Value, Value];
  const weights = tensorOf(w);
  if (!weights) return op.name === 'conv2d' ? 'weights that depend on the input' : undefined;
  if (attributes.transposeA || attributes.transposeB || (op.name === 'matmul' && w.shape.length !== 2)) {
    return 'transposed or stacked weights';
  }
  if (weights.data.every((weight) => weight === weights.data[0])) return undefined; // a mean
  const magnitudes = magnitudesOf(weights);
  if (typeof magnitudes === 'string') return magnitudes;
  const padding = op.name === 'conv2d' ? (attributes.padding as readonly number[]) : none;
  const plain = { node, magnitudes, border: { padding, value: 0 } } as const;
  if (op.name === 'conv2d' && attributes.groups !== 1) return plain;
  const around = padding.every((side) => side === 0) ? bordered(x) : undefined;
  if (around) return { ...plain, ...around };
  return isSigns(x) ? { ...plain, signs: x } : plain;
}

/** Weights of a filter: the largest sum that it can come to. */
export const weightsPerFilter = ({ node, magnitudes }: BinaryLayer): number =>
  sizeOf((node.inputs[1] as Value).shape) / magnitudes.length;

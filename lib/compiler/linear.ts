/** Linear ops with weights: how factors and summands of the channels before and behind them go into the weights. */
import { sizeOf } from '../graph/tensor';
import { makeNode, type Node, type Value } from '../graph/value';
import { broadcastTo, mul } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { reshape } from '../ops/shape';
import { transpose } from '../ops/transpose';

/** y = L(x, w), linear in both. Vectors have one number per channel, or one for all: [C] or [1]. */
export interface LinearRule {
  /** Weights w' with L(x, w') = L(x, w) * factor. */
  scaleOutput(node: Node, w: Value, factor: Value): Value;
  /** Weights w' with L(x, w') = L(x * factor, w); absent where there are none. */
  scaleInput?(node: Node, w: Value, factor: Value): Value;
  /** The vector v with L(x + summand, w) = L(x, w) + v; absent where it would not be the same everywhere. */
  shiftInput?(node: Node, w: Value, summand: Value): Value;
}

/** One number for each channel of the input, where the weights [kh, kw, C / groups, K] meet it: [C / groups, K]. */
function spread(node: Node, w: Value, vector: Value): Value {
  const { groups } = node.attributes as { groups: number };
  const [inputs, filters] = w.shape.slice(2) as [number, number];
  if (sizeOf(vector.shape) === 1) return vector;
  const columns = transpose(reshape(vector, [groups, inputs]), [1, 0]);
  const repeated = broadcastTo(reshape(columns, [inputs, groups, 1]), [inputs, groups, filters / groups]);
  return reshape(repeated, [inputs, filters]);
}

const column = (vector: Value): Value => reshape(vector, [sizeOf(vector.shape), 1]);
const vectorOf = (value: Value): Value => reshape(value, [sizeOf(value.shape)]);

const alongFilters = (_: Node, w: Value, vector: Value): Value => mul(w, vector);
const alongInputs = (node: Node, w: Value, vector: Value): Value => mul(w, spread(node, w, vector));

const convolution: LinearRule = {
  scaleOutput: alongFilters,
  scaleInput: alongInputs,
  shiftInput: (node, w, summand) => vectorOf(sum(alongInputs(node, w, summand), { axes: [0, 1, 2], keepDims: true })),
};

/** A summand before zero padding is missing in the border, so that it does not come to one number per filter. */
const paddedConvolution: LinearRule = { scaleOutput: alongFilters, scaleInput: alongInputs };

const transposedConvolution: LinearRule = { scaleOutput: alongInputs, scaleInput: alongFilters };

const product: LinearRule = {
  scaleOutput: alongFilters,
  scaleInput: (_, w, factor) => mul(w, column(factor)),
  shiftInput: (_, w, summand) => vectorOf(sum(mul(w, column(summand)), { axes: [0], keepDims: true })),
};

/** The weights lie as [out, in]. */
const turnedProduct: LinearRule = {
  scaleOutput: product.scaleInput as LinearRule['scaleOutput'],
  scaleInput: alongFilters,
  shiftInput: (_, w, summand) => vectorOf(sum(mul(w, summand), { axes: [1], keepDims: true })),
};

const rules: Readonly<Record<string, (node: Node) => LinearRule | undefined>> = {
  conv2d: ({ attributes }) =>
    (attributes.padding as readonly number[]).every((side) => side === 0) ? convolution : paddedConvolution,
  conv2dGradInput: () => transposedConvolution,
  matmul: ({ inputs, attributes }) => {
    if (inputs[1]?.shape.length !== 2) return undefined;
    const { scaleInput: _, shiftInput: __, ...output } = attributes.transposeB ? turnedProduct : product;
    if (attributes.transposeA) return output; // channels of the input are rows then
    return attributes.transposeB ? turnedProduct : product;
  },
};

/** The rule of a node that is linear in input 0 and in its weights, input 1. */
export const linearRule = (node: Node): LinearRule | undefined => rules[node.op.name]?.(node);

/** The node's op applied to other numbers of the same types. */
export const applied = (node: Node, x: Value, w: Value): Value =>
  makeNode(node.op, [x, w], node.attributes, node.outputs, node.path).outputs[0] as Value;

/** Applies a node of a loop's body to all steps at once: the steps become a new first axis. */
import { type Shape, sameShape, type TensorType } from '../graph/tensor';
import { type Attributes, makeNode, type Node, type Value } from '../graph/value';
import { add, broadcastTo, neg } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import { sum } from '../ops/reduce';
import { reshape } from '../ops/shape';
import { transpose } from '../ops/transpose';

/** An operand for all steps: stacked as [T, ...], or the same in each of them. */
export interface Operand {
  readonly value: Value;
  readonly isStacked: boolean;
}

interface Rule {
  /** True when the rule can be applied to operands, of which at least one is stacked. */
  fits?(node: Node, isStacked: readonly boolean[]): boolean;
  apply(node: Node, operands: readonly Operand[], length: number): readonly Value[];
}

/** The node's op on other inputs, with other attributes. */
function remade(node: Node, inputs: readonly Value[], attributes: Attributes = node.attributes): readonly Value[] {
  const types = [node.op.infer(inputs, attributes as never)].flat() as TensorType[];
  return makeNode(node.op, inputs, attributes, types, node.path).outputs;
}

/** An operand as [T, ...]. */
export const stackedForm = ({ value, isStacked }: Operand, length: number): Value =>
  isStacked ? value : broadcastTo(value, [length, ...value.shape]);

/** Every operand as [T, ...]; the new attributes follow from the old ones. */
const stacked = <A extends Attributes>(change: (attributes: A, length: number) => Attributes): Rule => ({
  apply: (node, operands, length) =>
    remade(
      node,
      operands.map((operand) => stackedForm(operand, length)),
      change(node.attributes as A, length),
    ),
});

const unchanged = stacked((attributes) => attributes);

/** Stacked operands of lower rank get axes of size 1 behind the first, so that broadcasting finds the same axes. */
const elementwise: Rule = {
  apply: (node, operands, length) => {
    const rank = (node.outputs[0] as Value).shape.length;
    const inputs = operands.map(({ value, isStacked }) => {
      const missing = rank + 1 - value.shape.length;
      if (!isStacked || missing === 0) return value;
      return reshape(value, [length, ...new Array<number>(missing).fill(1), ...value.shape.slice(1)]);
    });
    const { shape } = node.attributes as { shape?: Shape };
    return remade(node, inputs, shape ? { ...node.attributes, shape: [length, ...shape] } : node.attributes);
  },
};

/** [T, B, M, K] as [B, T * M, K]. */
function stepsAsRows(x: Value): Value {
  const [t, b, m, k] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [1, 0, 2, 3]), [b, t * m, k]);
}

type Product = { transposeA: boolean; transposeB: boolean };

const product: Rule = {
  fits: (node, [a, b]) => {
    if (a && b) return true;
    const { transposeA } = node.attributes as Product;
    return a === true && !transposeA && (node.inputs[0] as Value).shape.length <= 3;
  },
  apply: (node, operands, length) => {
    const [a, b] = operands as [Operand, Operand];
    const { transposeB } = node.attributes as Product;
    if (a.isStacked && b.isStacked) return remade(node, [a.value, b.value]);
    const { shape } = node.outputs[0] as Value;
    const [m, k] = a.value.shape.slice(-2) as [number, number];
    if (shape.length === 2) {
      const rows = matmul(reshape(a.value, [length * m, k]), b.value, { transposeB });
      return [reshape(rows, [length, ...shape])];
    }
    const [batch, , n] = shape as [number, number, number];
    const rows = reshape(matmul(stepsAsRows(a.value), b.value, { transposeB }), [batch, length, m, n]);
    return [transpose(rows, [1, 0, 2, 3])];
  },
};

/** Rows of a table that is the same in all steps. */
const rowsOfTable: Rule = {
  fits: (node, [table, indices]) => !table && indices === true && node.attributes.axis === 0,
  apply: (node, operands) =>
    remade(
      node,
      operands.map(({ value }) => value),
    ),
};

const shiftedAxis = stacked<{ axis: number }>((attributes) => ({ ...attributes, axis: attributes.axis + 1 }));

const rules: Readonly<Record<string, Rule>> = {
  reshape: stacked<{ shape: Shape }>(({ shape }, length) => ({ shape: [length, ...shape] })),
  stopGradient: unchanged,
  straightThrough: unchanged,
  matmul: product,
  concat: shiftedAxis,
  argmax: shiftedAxis,
  argmin: shiftedAxis,
  slice: stacked<{ begin: Shape; size: Shape; step: Shape }>(({ begin, size, step }, length) => ({
    begin: [0, ...begin],
    size: [length, ...size],
    step: [1, ...step],
  })),
  sliceGrad: stacked<{ inputShape: Shape; begin: Shape; step: Shape }>(({ inputShape, begin, step }, length) => ({
    inputShape: [length, ...inputShape],
    begin: [0, ...begin],
    step: [1, ...step],
  })),
  transpose: stacked<{ permutation: Shape }>(({ permutation }) => ({
    permutation: [0, ...permutation.map((axis) => axis + 1)],
  })),
  pad: stacked<{ before: Shape; after: Shape }>(({ before, after, ...rest }) => ({
    before: [0, ...before],
    after: [0, ...after],
    ...rest,
  })),
  softmax: unchanged,
  logSoftmax: unchanged,
  oneHot: unchanged,
  copy: unchanged,
  takeAlongAxis: unchanged,
  gather: rowsOfTable,
};

const reduction = stacked<{ axes: Shape }>(({ axes }) => ({ axes: axes.map((axis) => axis + 1) }));

function ruleOf({ op }: Node): Rule | undefined {
  if (op.kind === 'elementwise') return elementwise;
  return op.kind === 'reduction' ? reduction : rules[op.name];
}

/** True when `applyToAll` can be asked: operands are stacked or not as `isStacked` says. */
export function canApplyToAll(node: Node, isStacked: readonly boolean[]): boolean {
  const rule = ruleOf(node);
  return rule !== undefined && isStacked.includes(true) && (rule.fits?.(node, isStacked) ?? true);
}

/** The outputs of a node for all steps, [T, ...]. */
export const applyToAll = (node: Node, operands: readonly Operand[], length: number): readonly Value[] =>
  (ruleOf(node) as Rule).apply(node, operands, length);

/** `value` summed over axes, as `shape`. */
const sumAxes = (value: Value, axes: readonly number[], shape: Shape): Value => reshape(sum(value, { axes }), shape);

/** The sum over steps of products op(a) op(b): the steps go into the inner axis. */
function summedProduct(node: Node, a: Operand, b: Operand): Value | undefined {
  const { transposeA, transposeB } = node.attributes as Product;
  const { shape } = node.outputs[0] as Value;
  if (!a.isStacked || !b.isStacked || !transposeA || transposeB || shape.length > 3) return undefined;
  const joined = ({ value }: Operand) =>
    shape.length === 3 ? stepsAsRows(value) : reshape(value, [-1, value.shape.at(-1) as number]);
  return matmul(joined(a), joined(b), { transposeA });
}

/** What is known of the values of a body for all steps. */
export interface AllSteps {
  readonly length: number;
  /** What stands for a value. */
  operandOf(value: Value): Operand;
  /** True for nodes that are computed for all steps at once. */
  isMoved(node: Node): boolean;
}

/** True for a node that has no value for all steps but a sum of them. */
export const canOnlyBeSummed = ({ op, attributes }: Node): boolean => op.name === 'scatterAdd' && attributes.axis === 0;

/** The sum of a value over all steps, made of sums and products over all steps where its node allows it. */
export function sumOverSteps(value: Value, steps: AllSteps): Value {
  const { node } = value;
  const { length, operandOf } = steps;
  const sumOf = (input: Value): Value => sumOverSteps(input, steps);
  const whole = () => sumAxes(stackedForm(operandOf(value), length), [0], value.shape);
  if (!steps.isMoved(node)) return whole();
  const [first, second] = node.inputs as [Value, Value];
  switch (node.op.name) {
    case 'add':
      return sameShape(first.shape, second.shape) ? add(sumOf(first), sumOf(second)) : whole();
    case 'neg':
      return neg(sumOf(first));
    case 'reshape':
      return reshape(sumOf(first), value.shape);
    case 'sum': {
      const { axes } = node.attributes as { axes: Shape };
      const { value: stack, isStacked } = operandOf(first);
      return isStacked ? sumAxes(stack, [0, ...axes.map((axis) => axis + 1)], value.shape) : whole();
    }
    case 'matmul':
      return summedProduct(node, operandOf(first), operandOf(second)) ?? whole();
    case 'scatterAdd':
      return remade(
        node,
        node.inputs.map((input) => stackedForm(operandOf(input), length)),
      )[0] as Value;
    default:
      return whole();
  }
}

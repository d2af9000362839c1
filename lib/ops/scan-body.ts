/** The body of a loop: one step as a graph of its own, which refers to nothing outside of it but constants. */
import { defineOp } from '../graph/define-op';
import { expect } from '../graph/errors';
import { showType, type TensorType } from '../graph/tensor';
import { makeNode, type Node, reachable, type Value } from '../graph/value';
import { scalarConstant } from './source';

/** One step. What comes in are placeholders, in the order of the loop's inputs. */
export interface Body {
  /** The states before the step. */
  readonly states: readonly Value[];
  /** This step's part of the sequences. */
  readonly sequences: readonly Value[];
  /** Values that are the same in every step. */
  readonly captures: readonly Value[];
  /** The states after the step. */
  readonly next: readonly Value[];
  /** Values of all steps that leave the loop as [T, ...]. */
  readonly stacked: readonly Value[];
}

export type LoopAttributes = {
  readonly body: Body;
  /** The number of steps. */
  readonly length: number;
  /** True when the loop runs from the last part of the sequences to the first. */
  readonly reverse: boolean;
  /**
   * True when the gradient computes the values of a step again instead of keeping them; no work leaves such a loop,
   * since that would take memory for all steps.
   */
  readonly recompute: boolean;
};

const loopInputOp = defineOp<{ type: TensorType; number: number }>({
  name: 'loopInput',
  kind: 'source',
  infer: (_, { type }) => type,
});

let count = 0;

/** A placeholder of a body; no two are equal. */
export const loopInput = ({ dtype, shape }: TensorType): Value =>
  loopInputOp([], { type: { dtype, shape }, number: count++ }).outputs[0] as Value;

export const isLoopInput = (value: Value): boolean => value.node.op === (loopInputOp.definition as unknown);

/** The attributes of a loop's node, or undefined for any other node. */
export const loopOf = (node: Node): LoopAttributes | undefined =>
  node.op.kind === 'loop' ? (node.attributes as unknown as LoopAttributes) : undefined;

/** The types of a loop's outputs: the last states, then what is stacked. */
export const outputTypes = ({ body, length }: Pick<LoopAttributes, 'body' | 'length'>): TensorType[] => [
  ...body.next.map(({ dtype, shape }) => ({ dtype, shape })),
  ...body.stacked.map(({ dtype, shape }) => ({ dtype, shape: [length, ...shape] })),
];

/** Throws unless a loop's inputs are what its body takes, and its states leave a step as they enter it. */
export function expectBodyFits(inputs: readonly Value[], { body, length }: LoopAttributes): void {
  const { states, sequences, captures, next, stacked } = body;
  const placeholders = [...states, ...sequences, ...captures];
  const isPart = (i: number) => i >= states.length && i < states.length + sequences.length;
  const taken = placeholders.map(({ dtype, shape }, i) =>
    showType({ dtype, shape: isPart(i) ? [length, ...shape] : shape }),
  );
  const expectEqual = (what: string, expected: readonly string[], actual: readonly string[]) =>
    expect(expected.join() === actual.join(), 'SHAPE', () => ({
      where: 'scan',
      what,
      expected: expected.join(', '),
      actual: actual.join(', '),
    }));
  expectEqual('the inputs', taken, inputs.map(showType));
  expectEqual('the states after a step', states.map(showType), next.map(showType));
  const own = new Set(placeholders);
  const sources = reachable([...next, ...stacked])
    .filter((node) => node.op.kind === 'source')
    .flatMap((node) => node.outputs);
  const isClosed = sources.every((value) => own.has(value) || value.node.op.name === 'constant');
  expect(isClosed && own.size === placeholders.length && placeholders.every(isLoopInput), 'STATE', () => ({
    where: 'scan',
    what: 'the body',
    expected: 'closed, with a placeholder for each input',
    actual: 'one that refers to something else',
  }));
}

/** What stands for a value: one of the body, or one outside of it. */
export interface Place {
  readonly value: Value;
  readonly inside: boolean;
}

export const inside = (value: Value): Place => ({ value, inside: true });
export const outside = (value: Value): Place => ({ value, inside: false });

/** True for what costs nothing to make in every step: numbers, stretched and joined. */
function isNumber(value: Value): boolean {
  if (scalarConstant(value) !== undefined) return true;
  const { op, inputs } = value.node;
  return (op.kind === 'elementwise' || op.kind === 'view') && inputs.every(isNumber);
}

/** Nodes that depend on a value of `known`. */
function dependent(roots: readonly Value[], known: ReadonlyMap<Value, unknown>): Set<Node> {
  const found = new Set<Node>();
  for (const node of reachable(roots)) {
    if (node.inputs.some((input) => known.has(input) || found.has(input.node))) found.add(node);
  }
  return found;
}

/**
 * Cuts a body out of a graph: nodes that depend on values inside are made anew, and what they read from outside becomes
 * a placeholder.
 *
 * @param known what stands for some values; asked when it is needed
 * @returns the roots in the body, and the outer value of each placeholder that was made
 */
export function enclose(
  roots: readonly Value[],
  known: ReadonlyMap<Value, () => Place>,
): { roots: Value[]; captures: Map<Value, Value> } {
  const touched = dependent(roots, known);
  const places = new Map<Value, Place>();
  const placeholders = new Map<Value, Value>();

  const capture = (outer: Value): Value => {
    if (isNumber(outer)) return outer;
    const placeholder = placeholders.get(outer) ?? loopInput(outer);
    placeholders.set(outer, placeholder);
    return placeholder;
  };
  const operand = ({ value, inside: isInside }: Place): Value => (isInside ? value : capture(value));

  const place = (value: Value): Place => {
    const made = places.get(value) ?? known.get(value)?.() ?? (touched.has(value.node) ? undefined : outside(value));
    if (made) {
      places.set(value, made);
      return made;
    }
    const { op, inputs, attributes, outputs, path } = value.node;
    const operands = inputs.map(place);
    const isInside = operands.some((each) => each.inside);
    const now = isInside ? operands.map(operand) : operands.map((each) => each.value);
    const isSame = now.every((input, i) => input === inputs[i]);
    const node = isSame ? value.node : makeNode(op, now, attributes, outputs, path);
    outputs.forEach((output, i) => {
      if (known.has(output)) return;
      const own = node.outputs[i] as Value;
      if (output.name !== undefined) own.name = output.name;
      places.set(output, { value: own, inside: isInside });
    });
    return places.get(value) as Place;
  };

  const found = roots.map((root) => operand(place(root)));
  return { roots: found, captures: new Map([...placeholders].map(([outer, placeholder]) => [placeholder, outer])) };
}

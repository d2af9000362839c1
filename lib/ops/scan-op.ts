/** The loop as one node of the graph, and its gradient: a loop that runs the other way. */
import { defineOp } from '../graph/define-op';
import { reachable, type Value } from '../graph/value';
import { backpropagate } from './differentiate';
import { add, broadcastTo } from './elementwise';
import {
  type Body,
  enclose,
  expectBodyFits,
  inside,
  type LoopAttributes,
  loopInput,
  outputTypes,
  outside,
  type Place,
} from './scan-body';
import { constant } from './source';

const zerosLike = ({ shape }: Value): Value => broadcastTo(constant(0), shape);
const isFloat = ({ dtype }: Value): boolean => dtype === 'float32';

/** Inputs: initial states, sequences [T, ...], captures. Outputs: last states, stacked values [T, ...]. */
const scanOp = defineOp<LoopAttributes>({
  name: 'scan',
  kind: 'loop',
  infer: (inputs, attributes) => {
    expectBodyFits(inputs, attributes);
    return outputTypes(attributes);
  },
  gradient: ({ inputs, outputs, attributes }, gradients) => reversed(inputs, outputs, attributes, gradients),
});

/** The roots of a body and what each is given as upstream gradient. */
type Roots = readonly (readonly [of: Value, upstream: Value])[];

/** States through which gradients flow back from step to step: those that are asked for, and what these are made of. */
function carriedStates({ states, next }: Body, stacked: Roots, upstream: readonly (Value | null)[]): Set<number> {
  const carried = new Set(states.flatMap((_, i) => (upstream[i] && isFloat(states[i] as Value) ? [i] : [])));
  for (let size = -1; size !== carried.size; ) {
    size = carried.size;
    const roots = [...[...carried].map((i) => [next[i], zerosLike(next[i] as Value)] as [Value, Value]), ...stacked];
    backpropagate(roots, states).forEach((gradient, i) => {
      if (gradient && isFloat(states[i] as Value)) carried.add(i);
    });
  }
  return carried;
}

/**
 * The gradient of a loop. Its states are the gradients of the states, which flow back from step to step, and the sums
 * of the gradients of the captures; its sequences are the upstream gradients and the values that the steps have kept.
 */
function reversed(
  inputs: readonly Value[],
  outputs: readonly Value[],
  attributes: LoopAttributes,
  upstream: readonly (Value | null)[],
): (Value | null)[] {
  const { body, length, reverse, recompute } = attributes;
  const { states, sequences, captures, next, stacked } = body;
  const [lasts, wholes] = [upstream.slice(0, states.length), upstream.slice(states.length)];

  const known = new Map<Value, () => Place>();
  const placeholder = (type: Value): Value => {
    const made = loopInput(type);
    known.set(made, () => inside(made));
    return made;
  };
  const read: { outer: Value; placeholder: Value }[] = [];
  const part = (outer: Value, type: Value): Value => {
    const earlier = read.find((entry) => entry.outer === outer);
    const made = earlier?.placeholder ?? placeholder(type);
    if (!earlier) read.push({ outer, placeholder: made });
    return made;
  };
  const partLater = (value: Value, outer: Value) => known.set(value, () => inside(part(outer, value)));

  const fromStacked = stacked.flatMap((value, k): [Value, Value][] => {
    const gradient = wholes[k];
    return gradient && isFloat(value) ? [[value, part(gradient, value)]] : [];
  });
  const carried = [...carriedStates(body, fromStacked, lasts)];
  const flowing = carried.map((i) => placeholder(next[i] as Value));
  const roots: Roots = [
    ...carried.map((i, j): [Value, Value] => [next[i] as Value, flowing[j] as Value]),
    ...fromStacked,
  ];
  const found = backpropagate(roots, [...states, ...sequences, ...captures]);
  const ofState = (i: number) => found[i] ?? zerosLike(states[i] as Value);
  const ofSequence = found.slice(states.length, states.length + sequences.length);
  const ofCapture = found.slice(states.length + sequences.length);
  const summed = captures.flatMap((capture, c) => (ofCapture[c] && isFloat(capture) ? [c] : []));
  const sums = summed.map((c) => placeholder(captures[c] as Value));

  const kept = recompute ? stacked.filter((value) => states.includes(value)) : stacked;
  for (const value of kept)
    if (!known.has(value)) partLater(value, outputs[states.length + stacked.indexOf(value)] as Value);
  for (const [j, value] of sequences.entries()) partLater(value, inputs[states.length + j] as Value);
  const first = states.length + sequences.length;
  for (const [c, value] of captures.entries()) known.set(value, () => outside(inputs[first + c] as Value));

  const wanted = sequences.flatMap((_, j) => (ofSequence[j] ? [j] : []));
  const results = [
    ...carried.map(ofState),
    ...summed.map((c, j) => add(sums[j] as Value, ofCapture[c] as Value)),
    ...wanted.map((j) => ofSequence[j] as Value),
  ];
  const enclosed = enclose(results, known);
  const nextCount = carried.length + summed.length;
  const backward = makeScan(
    {
      body: {
        states: [...flowing, ...sums],
        sequences: read.map((entry) => entry.placeholder),
        captures: [...enclosed.captures.keys()],
        next: enclosed.roots.slice(0, nextCount),
        stacked: enclosed.roots.slice(nextCount),
      },
      length,
      reverse: !reverse,
      recompute,
    },
    [
      ...carried.map((i) => lasts[i] ?? zerosLike(next[i] as Value)),
      ...summed.map((c) => zerosLike(captures[c] as Value)),
      ...read.map((entry) => entry.outer),
      ...enclosed.captures.values(),
    ],
  );
  const result: (Value | null)[] = inputs.map(() => null);
  carried.forEach((i, j) => {
    result[i] = backward[j] as Value;
  });
  summed.forEach((c, j) => {
    result[first + c] = backward[carried.length + j] as Value;
  });
  wanted.forEach((j, k) => {
    result[states.length + j] = backward[nextCount + k] as Value;
  });
  return result;
}

/** The values of a body that a gradient may read: all that depend on its step, but views, which cost nothing. */
function trail({ states, sequences, next, stacked }: Body): Value[] {
  const moving = new Set<Value>([...states, ...sequences]);
  const values: Value[] = [...states];
  for (const node of reachable([...next, ...stacked])) {
    if (!node.inputs.some((input) => moving.has(input))) continue;
    for (const output of node.outputs) moving.add(output);
    if (node.op.kind !== 'view') values.push(...node.outputs);
  }
  return values.filter((value) => !stacked.includes(value));
}

/**
 * A loop over a body.
 *
 * @param inputs initial states, sequences [T, ...] and captures, as the body's placeholders
 * @returns the last states, then the body's stacked values as [T, ...], then those that a gradient may read
 */
export function makeScan(attributes: LoopAttributes, inputs: readonly Value[]): readonly Value[] {
  const { body } = attributes;
  const whole = { ...body, stacked: [...body.stacked, ...trail(body)] };
  return scanOp(inputs, { ...attributes, body: whole }).outputs;
}

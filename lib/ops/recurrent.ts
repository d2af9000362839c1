/** What the recurrent ops share: options, shapes, masks, and the states that steps began with. */
import { expectDType, expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { type Shape, sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { concat } from './concat';
import { equal, less, sub, where } from './elementwise';
import { matmul } from './matmul';
import { expandDims, reshape } from './shape';
import { slice } from './slice';
import { constant } from './source';

export interface RecurrentOptions {
  /** Runs from the last step to the first; outputs stand at the step that gave them. Default false. */
  readonly reverse?: boolean;
  /**
   * int32 [N]: the steps of each sequence, 0 to T; default all. At later steps the state stays and the output is 0, in
   * reverse too: a shorter sequence begins at its own last step.
   */
  readonly lengths?: Value;
}

export type RecurrentAttributes = { readonly reverse: boolean; readonly hasLengths: boolean };

/** The lengths among the inputs of a recurrent op: the last one, if any. */
export const lengthsOf = (inputs: readonly Value[], { hasLengths }: RecurrentAttributes): Value | undefined =>
  hasLengths ? inputs.at(-1) : undefined;

/** Splits options into attributes and the inputs that follow the others. */
export function resolveRecurrent(
  where: string,
  options: RecurrentOptions,
): { attributes: RecurrentAttributes; lengths: readonly Value[] } {
  expectOptions(where, options, ['reverse', 'lengths']);
  const { reverse = false, lengths } = options;
  return { attributes: { reverse, hasLengths: lengths !== undefined }, lengths: lengths ? [lengths] : [] };
}

export const encodeRecurrent = ({ reverse, hasLengths }: RecurrentAttributes): number[] => [
  Number(reverse),
  Number(hasLengths),
];

/** `has` tells which of the gradients of output and states, and the lengths, follow the other inputs. */
export type RecurrentGradAttributes = { readonly reverse: boolean; readonly has: readonly boolean[] };

export const encodeRecurrentGrad = ({ reverse, has }: RecurrentGradAttributes): number[] =>
  [reverse, ...has].map(Number);

/** Inputs and attributes of a gradient op: what was kept, then those of the gradients that are there, and the lengths. */
export function gradientOperands(
  kept: readonly Value[],
  gradients: readonly (Value | null | undefined)[],
  lengths: Value | undefined,
  { reverse }: RecurrentAttributes,
): [readonly Value[], RecurrentGradAttributes] {
  const given = [...gradients, lengths];
  const isThere = (value: Value | null | undefined): value is Value => Boolean(value);
  return [[...kept, ...given.filter(isThere)], { reverse, has: given.map(isThere) }];
}

/** The gradient of a recurrent weight: one product over all steps of all sequences. */
export function weightGradient(previous: Value, dproduct: Value): Value {
  const rows = (x: Value): Value => reshape(x, [(x.shape[0] as number) * (x.shape[1] as number), x.shape[2] as number]);
  return matmul(rows(previous), rows(dproduct), { transposeA: true });
}

/** What the cell of a definition is given step by step: gates, and where there are lengths whether the step is there. */
export const gatesOfSteps = (gates: Value, lengths: Value | undefined): { gates: Value; valid: Value } =>
  (lengths ? { gates, valid: validSteps(lengths, gates.shape[1] as number) } : { gates }) as {
    gates: Value;
    valid: Value;
  };

/** float32 of a shape, as the shape rules give it. */
export const floats = (...shape: number[]) => ({ dtype: 'float32', shape }) as const;

/** Throws unless `value` is float32 of `shape`. */
export function expectFloats(op: string, what: string, value: Value, shape: Shape): void {
  expectDType(op, what, value, 'float32');
  expect(sameShape(value.shape, shape), 'SHAPE', () => ({
    where: op,
    what,
    expected: `[${shape.join(', ')}]`,
    actual: showType(value),
  }));
}

/** The sizes [N, T, H] of gates [N, T, count * H], one step or more. */
export function expectGates(op: string, gates: Value, count: number): [number, number, number] {
  expectDType(op, 'the gates', gates, 'float32');
  expectRank(op, 'the gates', gates, 3, `[N, T, ${count} H]`);
  const [n, steps, width] = gates.shape as [number, number, number];
  expect(steps > 0 && width > 0 && width % count === 0, 'SHAPE', () => ({
    where: op,
    what: 'the gates',
    expected: `[N, T, ${count} H] with T and H of 1 or more`,
    actual: showType(gates),
  }));
  return [n, steps, width / count];
}

/** Throws unless the lengths, if any, are int32 [N]. */
export function expectLengths(op: string, lengths: Value | undefined, n: number): void {
  if (!lengths) return;
  expectDType(op, 'the lengths', lengths, 'int32');
  expect(sameShape(lengths.shape, [n]), 'SHAPE', () => ({
    where: op,
    what: 'the lengths',
    expected: `[${n}]`,
    actual: showType(lengths),
  }));
}

/** The numbers 0 ... T - 1 as int32 [1, T, 1], and one number of each sequence as [N, 1, 1]. */
const times = (steps: number): Value =>
  reshape(constant(Int32Array.from({ length: steps }, (_, t) => t)), [1, steps, 1]);
const ofEach = (lengths: Value): Value => reshape(lengths, [lengths.shape[0] as number, 1, 1]);

/** bool [N, T, 1]: true at the steps of each sequence. */
const validSteps = (lengths: Value, steps: number): Value => less(times(steps), ofEach(lengths));

/** The hidden state with which each step began, [N, T, H]; where a sequence has ended it does not matter. */
export function previousStates(h0: Value, output: Value, reverse: boolean, lengths: Value | undefined): Value {
  const [n, steps, hidden] = output.shape as [number, number, number];
  const first = expandDims(h0, 1);
  const others = slice(output, { begin: [0, reverse ? 1 : 0, 0], size: [n, steps - 1, hidden] });
  const shifted = concat(reverse ? [others, first] : [first, others], { axis: 1 });
  return reverse && lengths ? where(equal(times(steps), sub(ofEach(lengths), 1)), first, shifted) : shifted;
}

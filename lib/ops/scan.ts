/** A loop over time whose body is any function of values. */
import { expect, expectOptions } from '../graph/errors';
import { tracingCell } from '../graph/loop-trace';
import { showType } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { enclose, inside, loopInput } from './scan-body';
import { makeChunkedScan } from './scan-chunks';
import { cutAt, cuts, expectMask, masked, maskOfLengths } from './scan-mask';
import { makeScan } from './scan-op';
import { transpose } from './transpose';

/** One value, or several in a list or by name. */
export type Values = Value | readonly Value[] | { readonly [name: string]: Value };

/** What one step of a loop gives. */
export interface CellResult<S extends Values, O extends Values> {
  /** The state that the next step is given: as many values, shapes and types as before. */
  readonly state: S;
  /** What the loop gathers over time. */
  readonly output: O;
}

/** One step: from the state and this step's part of the sequence to the next state and an output. */
export type Cell<S extends Values, X extends Values, O extends Values> = (state: S, x: X) => CellResult<S, O>;

export interface ScanOptions {
  /** Runs from the last step to the first; outputs stand at the step that gave them. Default false. */
  readonly reverse?: boolean;
  /** Bool [N, T]: where it is false the state stays as it is and the output is 0. Default: true everywhere. */
  readonly mask?: Value;
  /** Int32 [N], the same as a mask that is true in the first `lengths[n]` steps of example n. */
  readonly lengths?: Value;
  /** Gradients flow back through at most this many steps (truncated back-propagation). Default: through all. */
  readonly truncate?: number;
  /** Keeps the states of every k-th step for the gradient and computes what lies between again. Default: keeps all. */
  readonly checkpoint?: number;
  /** The number of steps; needed where the sequence is empty. */
  readonly length?: number;
}

type Loose = Values & object;

const listOf = (values: Values): readonly Value[] => (isValue(values) ? [values] : Object.values(values as Loose));

const like = <V extends Values>(form: V, list: readonly Value[]): V => {
  if (isValue(form)) return list[0] as Value as V;
  if (Array.isArray(form)) return list as unknown as V;
  return Object.fromEntries(Object.keys(form as Loose).map((name, i) => [name, list[i]])) as V;
};

/** [N, T, ...] as [T, N, ...], or back; what has one number per step, [T], stays as it is. */
const swapped = (x: Value): Value =>
  x.shape.length < 2 ? x : transpose(x, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]);

/** The common length of all sequences. */
function lengthOf(sequence: readonly Value[], given: number | undefined): number {
  for (const x of sequence) {
    expect(x.shape.length >= 2, 'SHAPE', () => ({
      where: 'scan',
      what: 'every sequence',
      expected: '[N, T, ...]',
      actual: showType(x),
    }));
  }
  const lengths = [...new Set([...sequence.map((x) => x.shape[1] as number), ...(given === undefined ? [] : [given])])];
  const [length] = lengths;
  expect(lengths.length === 1 && Number.isInteger(length) && (length as number) > 0, 'SHAPE', () => ({
    where: 'scan',
    what: 'the number of steps',
    expected: sequence.length ? 'that of every sequence, 1 or more' : 'given as length, 1 or more',
    actual: lengths.length ? lengths.join(' and ') : 'nothing',
  }));
  return length as number;
}

/** The mask, given as such or as lengths. */
function maskOf({ mask, lengths }: ScanOptions, steps: number): Value | undefined {
  expect(!mask || !lengths, 'OPTION', () => ({
    where: 'scan',
    what: 'the steps',
    expected: 'given as a mask or as lengths',
    actual: 'both',
  }));
  return lengths ? maskOfLengths(lengths, steps) : mask;
}

/** Every state leaves a step with the type with which it entered. */
function expectSameTypes(before: readonly Value[], after: readonly Value[]): void {
  const types = (values: readonly Value[]) => values.map(showType).join(', ');
  expect(types(before) === types(after), 'SHAPE', () => ({
    where: 'scan',
    what: "the cell's new state",
    expected: types(before),
    actual: types(after),
  }));
}

/**
 * Runs `cell` once for every step of a sequence. The cell is traced once, with values that stand for one step; whatever
 * it reads from outside (weights, encodings) is the same in all steps, and a random key, too. The graph holds one node,
 * whatever the length; its gradient is a loop that runs the other way.
 *
 * @param cell from the state and this step's part of the sequence, [N, ...], to the next state and an output
 * @param initialState what the first step is given
 * @param sequence values [N, T, ...]; `{}` with the option `length` for a loop without a sequence
 * @returns the last state, and the outputs of all steps as [N, T, ...]
 * @throws ConvoltError `SHAPE` when sequences differ in length or have no steps, a state changes its type or a mask does
 *   not fit; `VALUE` when `truncate` or `checkpoint` is below 1; `STATE` when the cell updates a state of its scope, or
 *   one of its values is used outside of it
 * @example
 * const { outputs } = scan((h, x) => {
 *   const next = tanh(add(matmul(x, wx), matmul(h, wh)));
 *   return { state: next, output: next };
 * }, zeros, sequence)
 */
export function scan<S extends Values, X extends Values, O extends Values>(
  cell: Cell<S, X, O>,
  initialState: S,
  sequence: X,
  options: ScanOptions = {},
): { state: S; outputs: O } {
  expectOptions('scan', options, ['reverse', 'mask', 'lengths', 'truncate', 'checkpoint', 'length']);
  const { reverse = false, truncate, checkpoint } = options;
  if (truncate !== undefined) expectWhole('scan', 'truncate', truncate, 1);
  if (checkpoint !== undefined) expectWhole('scan', 'checkpoint', checkpoint, 1);
  const [initial, parts] = [listOf(initialState), listOf(sequence)];
  const length = lengthOf(parts, options.length);
  const mask = maskOf(options, length);
  const wholes = [
    ...parts.map(swapped),
    ...(mask ? [swapped(mask)] : []),
    ...(truncate === undefined ? [] : [cuts(length, truncate, reverse)]),
  ];
  const states = initial.map(loopInput);
  const inputs = wholes.map(({ dtype, shape }) => loopInput({ dtype, shape: shape.slice(1) }));
  const maskNow = mask && (inputs[parts.length] as Value);
  const cut = truncate === undefined ? undefined : (inputs.at(-1) as Value);

  const given = cut ? states.map((state) => cutAt(cut, state)) : states;
  const result = tracingCell(() => cell(like(initialState, given), like(sequence, inputs.slice(0, parts.length))));
  const [next, outputs] = [listOf(result.state), listOf(result.output)];
  expectSameTypes(states, next);
  if (mask) expectMask(mask, length, [...next, ...outputs]);
  const kept = maskNow ? next.map((value, i) => masked(maskNow, value, given[i] as Value)) : next;
  const shown = maskNow ? outputs.map((value) => masked(maskNow, value, 0)) : outputs;

  const known = new Map([...states, ...inputs].map((value) => [value, () => inside(value)]));
  const { roots, captures } = enclose([...kept, ...shown], known);
  const body = {
    states,
    sequences: inputs,
    captures: [...captures.keys()],
    next: roots.slice(0, next.length),
    stacked: roots.slice(next.length),
  };
  const loop = { body, length, reverse, recompute: false };
  const operands = [...initial, ...wholes, ...captures.values()];
  const made = checkpoint === undefined ? makeScan(loop, operands) : makeChunkedScan(loop, operands, checkpoint);
  return {
    state: like(result.state, made.slice(0, next.length)),
    outputs: like(result.output, made.slice(next.length, next.length + outputs.length).map(swapped)),
  };
}

/** A loop over time whose body is any function of values. */
import { expect, expectOptions } from '../graph/errors';
import { showType } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import { enclose, inside, loopInput } from './scan-body';
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
 * @throws ConvoltError `SHAPE` when sequences differ in length or have none, or a state changes its type, `VALUE` for a
 *   step count of less than 1, `STATE` for an update of a state in the cell
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
  expectOptions('scan', options, ['reverse', 'length']);
  const [initial, parts] = [listOf(initialState), listOf(sequence)];
  const length = lengthOf(parts, options.length);
  const states = initial.map(loopInput);
  const inputs = parts.map(({ dtype, shape: [n = 0, , ...rest] }) => loopInput({ dtype, shape: [n, ...rest] }));

  const result = cell(like(initialState, states), like(sequence, inputs));
  const [next, outputs] = [listOf(result.state), listOf(result.output)];
  expectSameTypes(states, next);
  const known = new Map([...states, ...inputs].map((value) => [value, () => inside(value)]));
  const { roots, captures } = enclose([...next, ...outputs], known);
  const body = {
    states,
    sequences: inputs,
    captures: [...captures.keys()],
    next: roots.slice(0, next.length),
    stacked: roots.slice(next.length),
  };
  const attributes = { body, length, reverse: options.reverse ?? false, recompute: false };
  const made = makeScan(attributes, [...initial, ...parts.map(swapped), ...captures.values()]);
  return {
    state: like(result.state, made.slice(0, next.length)),
    outputs: like(result.output, made.slice(next.length, next.length + outputs.length).map(swapped)),
  };
}

/** A loop over time whose body is any function of values. */
import { complaint, expect, expectOptions } from '../graph/errors';
import { isValue, type Value } from '../graph/value';
import { stack } from './concat';
import { squeeze } from './shape';
import { slice } from './slice';

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
}

type Loose = Values & object;

const listOf = (values: Values): readonly Value[] => (isValue(values) ? [values] : Object.values(values as Loose));

const like = <V extends Values>(form: V, list: readonly Value[]): V => {
  if (isValue(form)) return list[0] as Value as V;
  if (Array.isArray(form)) return list as unknown as V;
  return Object.fromEntries(Object.keys(form as Loose).map((name, i) => [name, list[i]])) as V;
};

const at = (x: Value, t: number): Value =>
  squeeze(
    slice(x, { begin: x.shape.map((_, i) => (i === 1 ? t : 0)), size: x.shape.map((_, i) => (i === 1 ? 1 : -1)) }),
    1,
  );

/**
 * Runs `cell` once for every step of a sequence.
 *
 * @param initialState what the first step is given
 * @param sequence values [N, T, ...]; the cell is given [N, ...] of one step
 * @returns the last state, and the outputs of all steps as [N, T, ...]
 */
export function scan<S extends Values, X extends Values, O extends Values>(
  cell: Cell<S, X, O>,
  initialState: S,
  sequence: X,
  options: ScanOptions = {},
): { state: S; outputs: O } {
  expectOptions('scan', options, ['reverse']);
  const length = listOf(sequence)[0]?.shape[1];
  expect(length !== undefined && length > 0, 'SHAPE', () => ({
    where: 'scan',
    what: 'the sequence',
    expected: '[N, T, ...] with T of 1 or more',
    actual: `${length} steps`,
  }));
  let state = initialState;
  const outputs: O[] = [];
  for (let i = 0; i < (length as number); ++i) {
    const t = options.reverse ? (length as number) - 1 - i : i;
    const result = cell(
      state,
      like(
        sequence,
        listOf(sequence).map((x) => at(x, t)),
      ),
    );
    state = result.state;
    outputs.push(result.output);
  }
  if (options.reverse) outputs.reverse();
  const first = outputs[0];
  if (!first) throw complaint('SHAPE', { where: 'scan', what: 'the outputs', expected: 'given', actual: 'none' });
  const stacked = listOf(first).map((_, i) =>
    stack(
      outputs.map((o) => listOf(o)[i] as Value),
      { axis: 1 },
    ),
  );
  return { state, outputs: like(first, stacked) };
}

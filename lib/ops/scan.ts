/** A loop over time whose body is any function of values. */
import { complaint, expect, expectOptions } from '../graph/errors';
import { isValue, type Value } from '../graph/value';
import { stack } from './concat';
import { where } from './elementwise';
import { reshape, squeeze, stopGradient } from './shape';
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
  /** bool [N, T]: where it is false the state stays and the output is 0. */
  readonly mask?: Value;
  /** The gradient of the state is cut every so many steps. Default never. */
  readonly truncate?: number;
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

/** `values` where `held` [N] is true, elsewhere `others` or 0. */
const chosen = (held: Value, values: readonly Value[], others: readonly Value[]): Value[] =>
  values.map((value, i) =>
    where(reshape(held, [held.shape[0] as number, ...value.shape.slice(1).map(() => 1)]), value, others[i] ?? 0),
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
  expectOptions('scan', options, ['reverse', 'mask', 'truncate']);
  const { mask, truncate } = options;
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
    if (truncate && i > 0 && i % truncate === 0) state = like(state, listOf(state).map(stopGradient));
    const result = cell(
      state,
      like(
        sequence,
        listOf(sequence).map((x) => at(x, t)),
      ),
    );
    const held = mask && at(mask, t);
    const previous = listOf(state);
    state = held ? like(state, chosen(held, listOf(result.state), previous)) : result.state;
    outputs.push(held ? like(result.output, chosen(held, listOf(result.output), [])) : result.output);
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

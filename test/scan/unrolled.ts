/** A scan written out step by step: what the loop is compared with. */
import { isValue, type Value } from '../../lib/graph/value';
import { stack } from '../../lib/ops/concat';
import { where } from '../../lib/ops/elementwise';
import type { ScanOptions } from '../../lib/ops/scan';
import { reshape, squeeze, stopGradient } from '../../lib/ops/shape';
import { slice } from '../../lib/ops/slice';

export type ListCell = (state: readonly Value[], x: readonly Value[]) => { state: Value[]; output: Value[] };

const at = (x: Value, t: number): Value =>
  squeeze(
    slice(x, { begin: x.shape.map((_, i) => (i === 1 ? t : 0)), size: x.shape.map((_, i) => (i === 1 ? 1 : -1)) }),
    1,
  );

/** `scan` of lists, as many nodes as there are steps. */
export function unrolled(
  cell: ListCell,
  initial: readonly Value[],
  sequence: readonly Value[],
  { reverse = false, mask, truncate, length = sequence[0]?.shape[1] as number }: ScanOptions = {},
): { state: Value[]; outputs: Value[] } {
  let state = [...initial];
  const rows: Value[][] = [];
  for (let turn = 0; turn < length; turn++) {
    const t = reverse ? length - 1 - turn : turn;
    const given = truncate && turn > 0 && turn % truncate === 0 ? state.map(stopGradient) : state;
    const result = cell(
      given,
      sequence.map((x) => at(x, t)),
    );
    const masked = (value: Value, otherwise: Value | number): Value => {
      if (!isValue(mask)) return value;
      return where(
        reshape(at(mask, t), [value.shape[0] as number, ...value.shape.slice(1).map(() => 1)]),
        value,
        otherwise,
      );
    };
    state = result.state.map((value, i) => masked(value, given[i] as Value));
    rows[t] = result.output.map((value) => masked(value, 0));
  }
  const outputs = (rows[0] as Value[]).map((_, k) =>
    stack(
      rows.map((row) => row[k] as Value),
      { axis: 1 },
    ),
  );
  return { state, outputs };
}

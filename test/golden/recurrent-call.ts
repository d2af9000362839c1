/** Recurrent layers with the parameters and states of a golden case. */
import type { Value } from '../../lib/graph/value';
import { gru, lstm, type RecurrentLayer, rnn } from '../../lib/layers';
import { stack } from '../../lib/ops/concat';
import { mul } from '../../lib/ops/elementwise';
import { squeeze } from '../../lib/ops/shape';
import { slice } from '../../lib/ops/slice';
import { constant } from '../../lib/ops/source';
import { givenScope } from './given-scope';

interface Options {
  readonly kind: 'rnn' | 'lstm' | 'gru';
  readonly layer: { readonly units: number };
  readonly states: boolean;
  readonly lengths: readonly number[] | null;
  readonly scale: number;
  readonly paths: readonly string[];
}

/** Row i of the first axis. */
const row = (x: Value, i: number): Value =>
  squeeze(
    slice(x, { begin: x.shape.map((_, axis) => (axis ? 0 : i)), size: x.shape.map((_, axis) => (axis ? -1 : 1)) }),
    0,
  );

/** Inputs: x, states [sides, N, H], then the parameters; outputs: of all steps, and the last states [sides, N, H]. */
export function recurrentCall(inputs: readonly Value[], options: Options): readonly Value[] {
  const { kind, layer, states, lengths, scale, paths } = options;
  const names = kind === 'lstm' ? ['hidden', 'cell'] : ['hidden'];
  const [x, ...rest] = inputs as [Value, ...Value[]];
  const initial = states ? rest.slice(0, names.length) : [];
  const parameters = rest.slice(initial.length);
  const given = new Map(paths.map((path, i) => [`${kind}.${path}`, mul(parameters[i] as Value, scale)]));
  const sides = Array.from({ length: initial[0]?.shape[0] ?? 0 }, (_, i) =>
    kind === 'lstm'
      ? { hidden: row(initial[0] as Value, i), cell: row(initial[1] as Value, i) }
      : row(initial[0] as Value, i),
  );
  const made = ({ rnn, lstm, gru }[kind] as (options: object) => RecurrentLayer<never>)(layer);
  const { output, state } = made.run(x, givenScope(given), {
    ...(states && { state: sides as never }),
    ...(lengths && { lengths: constant(Int32Array.from(lengths)) }),
  });
  const last = (name: string): Value =>
    stack(
      (state as readonly (Value & Record<string, Value>)[]).map((one) =>
        kind === 'lstm' ? (one[name] as Value) : one,
      ),
    );
  return [output, ...names.map(last)];
}

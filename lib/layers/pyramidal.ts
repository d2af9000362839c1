/** The pyramidal recurrent layer: half as many steps from layer to layer. */
import type { LstmState } from '../functions/lstm-cell';
import { type PairOptions, pairOptions, pairSteps, resolvePairs } from '../functions/pair-steps';
import { expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { add, cast, mul, where } from '../ops/elementwise';
import { expandDims } from '../ops/shape';
import type { Layer } from './layer';
import { type LstmOptions, lstm, lstmOptions } from './lstm';
import type { RunResult } from './recurrent';
import { expectSequence, maskOf } from './recurrent-run';

export interface PyramidalOptions
  extends PairOptions,
    Omit<LstmOptions, 'layers' | 'reverse' | 'sequences' | 'dropout'> {
  /** How often the number of steps is halved. Default 3. */
  readonly layers?: number;
}

/** The shorter sequence and its states. */
export interface PyramidalResult extends RunResult<LstmState> {
  /** int32 [N]: steps of each output, where the input's were given. */
  readonly lengths?: Value;
}

/** A pyramid of recurrent layers, which halves the number of steps at every level. */
export interface PyramidalLayer extends Layer {
  /** Applies the layer, with the same parameters, to padded sequences. */
  run(x: Value, scope: Scope, options?: { readonly lengths?: Value }, name?: string): PyramidalResult;
}

const withoutMeaning: readonly string[] = ['reverse', 'sequences', 'dropout'];
const optionNames = [...pairOptions, ...lstmOptions.filter((name) => !withoutMeaning.includes(name))];

/** l / 2, rounded as the odd last step is treated. */
const halved = (lengths: Value, tail: PairOptions['tail']): Value =>
  cast(mul(add(cast(lengths, 'float32'), tail === 'drop' ? 0 : 1), 0.5), 'int32');

/**
 * Layers each of which reads pairs of neighbours of the one below, h_(2i) and h_(2i+1), and is a bidirectional LSTM (Chan
 * et al. 2016, Listen, Attend and Spell): [N, T, F] to [N, T / 2^layers, 2 units], every division rounded up.
 *
 * Parameters: those of `lstm` under `layer1.forward`, `layer1.backward`, `layer2.forward`, ...
 *
 * @param options.bidirectional default true
 * @throws ConvoltError `OPTION` or `VALUE` for options that are unknown or out of range; `SHAPE` while tracing when x is
 *   not a sequence, or `tail: 'drop'` leaves no step
 * @example sequential(lstm({ units: 64, bidirectional: true }), pyramidal({ units: 64, layers: 2 })) // T / 4 steps
 */
export function pyramidal(options: PyramidalOptions): PyramidalLayer {
  expectOptions('pyramidal', options, optionNames);
  const { layers = 3, pooling, tail, ...rest } = options;
  expectWhole('pyramidal', 'the number of layers', layers, 1);
  const pairs = resolvePairs('pyramidal', { pooling, tail });
  const levels = Array.from({ length: layers }, () => lstm({ bidirectional: true, ...rest }));

  const runAll = (x: Value, scope: Scope, given: { readonly lengths?: Value }): PyramidalResult => {
    expectSequence('pyramidal', x);
    expectOptions('pyramidal', given, ['lengths']);
    const mask = maskOf('pyramidal', x, given);
    const below: PyramidalResult = {
      output: mask ? where(expandDims(mask, 2), x, 0) : x,
      lengths: given.lengths,
      state: [],
    };
    return levels.reduce(({ output, lengths, state }, level, i) => {
      const left = lengths && halved(lengths, pairs.tail);
      const made = level.run(pairSteps(output, pairs), scope, { lengths: left }, `layer${i + 1}`);
      return { output: made.output, lengths: left, state: [...state, ...made.state] };
    }, below);
  };
  const run: PyramidalLayer['run'] = (x, scope, given = {}, as = 'pyramidal') =>
    scope.child(as, (inner) => runAll(x, inner, given), apply);
  const apply = (x: Value, scope: Scope, as?: string): Value => run(x, scope, {}, as).output;
  return Object.assign(apply, { layerName: 'pyramidal', run });
}

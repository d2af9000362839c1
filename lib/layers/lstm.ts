/** The LSTM layer and its variants. */
import { type LstmState, type LstmVariant, lstmCell, lstmParts, type Peepholes } from '../functions/lstm-cell';
import { expectChoice, expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Initializer, Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { add } from '../ops/elementwise';
import { lstm as lstmSteps } from '../ops/lstm';
import { constant } from '../ops/source';
import {
  optionsOf,
  type Recurrence,
  type RecurrentLayer,
  type RecurrentOptions,
  recurrent,
  recurrentOptions,
  zeroState,
} from './recurrent';
import {
  expectBias,
  inputProduct,
  type RecurrentAffineOptions,
  recurrentAffineOptions,
  recurrentWeightOf,
  secondBiasOf,
  uniformOf,
} from './recurrent-affine';

export interface LstmOptions extends RecurrentOptions, RecurrentAffineOptions, LstmVariant {
  /** H, the numbers of the hidden state and of the cell. */
  readonly units: number;
  /**
   * What is added to the forget gate's bias at the start, so that a new cell remembers (Jozefowicz et al. 2015).
   * Default 1; PyTorch has 0. Without a bias it has no meaning.
   */
  readonly forgetBias?: number;
  /** Gates see the cell, unit by unit ('diagonal') or through a matrix ('full'). Default false. */
  readonly peephole?: false | 'diagonal' | 'full';
}

export const lstmOptions = [
  'units',
  'forgetBias',
  'peephole',
  'coupled',
  'noInput',
  'noForget',
  'noOutput',
  ...recurrentOptions,
  ...recurrentAffineOptions,
] as const;

/** `base` with `more` added to the numbers from `begin` to `begin + units`. */
function raised(base: Initializer, begin: number, units: number, more: number): Initializer {
  if (more === 0 || begin < 0) return base;
  return (shape, key) => {
    const extra = Float32Array.from({ length: shape[0] as number }, (_, i) =>
      i >= begin && i < begin + units ? more : 0,
    );
    return add(base(shape, key), constant(extra));
  };
}

function peepholesOf(scope: Scope, { units, peephole, recurrentInitializer, ...variant }: LstmOptions): Peepholes {
  if (!peephole) return {};
  const shape = peephole === 'full' ? [units, units] : [units];
  const gates = lstmParts(variant).filter((part) => part !== 'candidate');
  const initializer = (peephole === 'full' && recurrentInitializer) || uniformOf(units);
  return Object.fromEntries(gates.map((gate) => [gate, scope.param(`peephole.${gate}`, shape, initializer)]));
}

/** All steps of the standard cell as one kernel. */
const fastLstm =
  (sequence: Value, weight: Value): Recurrence<LstmState>['fast'] =>
  (state, options) => {
    const { output, hidden, cell } = lstmSteps(sequence, state.hidden, state.cell, weight, options);
    return { outputs: output, state: { hidden, cell } };
  };

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000): [N, T, F] to [N, T, units]. The formulas
 * are those of `lstmCell`.
 *
 * Parameters, columns in the order i, f, g, o: `weight` [F, 4 units], `recurrent.weight` [units, 4 units], `bias`
 * [4 units]; with `bias: 'double'` also `recurrent.bias` [4 units]; with peepholes `peephole.input`, `.forget`, `.output`
 * [units] or [units, units]. A gate that a variant leaves out has no parameters. State: `{ hidden, cell }`, each [N, units].
 *
 * @param options.coupled the input gate is 1 - f
 * @param options.noInput,noForget,noOutput that gate is 1
 * @throws ConvoltError `OPTION` or `VALUE` for options that are unknown, contradict each other or are out of range;
 *   `SHAPE` while tracing when x is not a sequence
 * @example sequential(embedding(80, 32), lstm({ units: 256, layers: 2, dropout: 0.2 }), dense(80))
 */
export function lstm(options: LstmOptions): RecurrentLayer<LstmState> {
  expectOptions('lstm', options, lstmOptions);
  const { units, forgetBias = 1, peephole = false, coupled, noInput, noForget, noOutput } = options;
  expectWhole('lstm', 'the number of units', units, 1);
  expectNumber('lstm', 'forgetBias', forgetBias);
  expectBias('lstm', options);
  expectChoice('lstm', 'peephole', String(peephole), ['false', 'diagonal', 'full']);
  expect(!(coupled && (noInput || noForget)), 'OPTION', () => ({
    where: 'lstm',
    what: 'coupled',
    expected: 'given without noInput and noForget',
    actual: noInput ? 'noInput' : 'noForget',
  }));
  const variant = { coupled, noInput, noForget, noOutput };
  const parts = lstmParts(variant);
  const width = parts.length * units;
  const { biasInitializer = uniformOf(units) } = options;
  const firstBias = raised(biasInitializer, parts.indexOf('forget') * units, units, forgetBias);

  const isStandard = !peephole && parts.length === 4;
  const define = (x: Value, scope: Scope): Recurrence<LstmState> => {
    const second = secondBiasOf(scope, width, units, options);
    const weight = recurrentWeightOf(scope, [units, width], options);
    const sequence = inputProduct(x, scope, width, units, { ...options, biasInitializer: firstBias }, second);
    return {
      sequence,
      state: { hidden: zeroState(x, units), cell: zeroState(x, units) },
      cell: lstmCell(weight, { ...variant, peepholes: peepholesOf(scope, options) }),
      outputOf: ({ hidden }) => hidden,
      fast: isStandard ? fastLstm(sequence, weight) : undefined,
    };
  };
  return recurrent('lstm', define, optionsOf(options));
}

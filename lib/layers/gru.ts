/** The GRU layer. */
import { type GruVariant, gruCell } from '../functions/gru-cell';
import { expectChoice } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { split } from '../ops/concat';
import { broadcastTo } from '../ops/elementwise';
import { gru as gruSteps } from '../ops/gru';
import { pad } from '../ops/pad';
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

export interface GruOptions extends RecurrentOptions, RecurrentAffineOptions, GruVariant {
  /** H, the numbers of the state. */
  readonly units: number;
}

/** All steps of the standard cell as one kernel. */
const fastGru =
  (sequence: Value, weight: Value, bias?: Value): Recurrence<Value>['fast'] =>
  (state, options) => {
    const zeros = () => broadcastTo(constant(0), weight.shape.slice(0, 1));
    const { output, hidden } = gruSteps(sequence, state, weight, bias ?? zeros(), options);
    return { outputs: output, state: hidden };
  };

/**
 * The gated recurrent unit (Cho et al. 2014): [N, T, F] to [N, T, units]. The formulas are those of `gruCell`.
 *
 * Parameters, columns in the order r, z, n: `weight` [F, 3 units], `recurrent.weight` [units, 3 units], `bias` [3 units]
 * and, while `resetAfter` keeps it apart, the bias inside of the reset `recurrent.bias` [units]. With `bias: 'double'`
 * that one is [3 units], as PyTorch has it. State: [N, units].
 *
 * @throws ConvoltError `OPTION` or `VALUE` for options that are unknown or out of range; `SHAPE` while tracing when x is
 *   not a sequence
 * @example sequential(gru({ units: 64, bidirectional: true, sequences: false }), dense(10))
 */
export function gru(options: GruOptions): RecurrentLayer<Value> {
  expectOptions('gru', options, ['units', 'resetAfter', 'update', ...recurrentOptions, ...recurrentAffineOptions]);
  const { units, resetAfter = true, update = 'torch', bias = true, biasInitializer = uniformOf(units) } = options;
  expectWhole('gru', 'the number of units', units, 1);
  expectBias('gru', options);
  expectChoice('gru', 'update', update, ['torch', 'swapped']);

  const isStandard = resetAfter && update === 'torch';
  const define = (x: Value, scope: Scope): Recurrence<Value> => {
    const second = secondBiasOf(scope, 3 * units, units, options);
    const [ofGates, ofCandidate] = second ? split(second, [2 * units, units]) : [];
    const inside =
      ofCandidate ?? (bias && resetAfter ? scope.param('recurrent.bias', [units], biasInitializer) : undefined);
    const more = ofGates && pad(ofGates, { before: [0], after: [units] });
    const weight = recurrentWeightOf(scope, [units, 3 * units], options);
    const sequence = inputProduct(x, scope, 3 * units, units, options, more);
    return {
      sequence,
      state: zeroState(x, units),
      cell: gruCell(weight, { bias: inside, resetAfter, update }),
      outputOf: (hidden) => hidden,
      fast: isStandard ? fastGru(sequence, weight, inside) : undefined,
    };
  };
  return recurrent('gru', define, optionsOf(options));
}

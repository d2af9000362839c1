/** The simple recurrent layer (Elman 1990). */
import { relu, tanh } from '../functions/activations';
import { elmanCell } from '../functions/elman-cell';
import { expectChoice } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
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
} from './recurrent-affine';

export interface RnnOptions extends RecurrentOptions, RecurrentAffineOptions {
  /** H, the numbers of the state. */
  readonly units: number;
  /** 'tanh' (default), 'relu', or a function. */
  readonly activation?: 'tanh' | 'relu' | ((x: Value) => Value);
}

/**
 * h_t = activation(x_t U + h_(t-1) W + b): [N, T, F] to [N, T, units]. A `dense` layer behind it reads it at every step.
 *
 * Parameters: `weight` U [F, units], `recurrent.weight` W [units, units], `bias` [units]; with `bias: 'double'` also
 * `recurrent.bias` [units]. State: [N, units].
 *
 * @throws ConvoltError `OPTION` or `VALUE` for options that are unknown or out of range; `SHAPE` while tracing when x is
 *   not a sequence
 * @example sequential(rnn({ units: 32, sequences: false }), dense(10))
 */
export function rnn(options: RnnOptions): RecurrentLayer<Value> {
  expectOptions('rnn', options, ['units', 'activation', ...recurrentOptions, ...recurrentAffineOptions]);
  const { units, activation = 'tanh' } = options;
  expectWhole('rnn', 'the number of units', units, 1);
  expectBias('rnn', options);
  const named = { tanh, relu };
  if (typeof activation === 'string') expectChoice('rnn', 'activation', activation, Object.keys(named));
  const apply = typeof activation === 'string' ? named[activation] : activation;
  const define = (x: Value, scope: Scope): Recurrence<Value> => ({
    sequence: inputProduct(x, scope, units, units, options, secondBiasOf(scope, units, units, options)),
    state: zeroState(x, units),
    cell: elmanCell(recurrentWeightOf(scope, [units, units], options), apply),
    outputOf: (hidden) => hidden,
  });
  return recurrent('rnn', define, optionsOf(options));
}

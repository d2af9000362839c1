/** The recurrent layer with stacks. */
import { emptyCell, type StackState, stackCell } from '../functions/stack-cell';
import { expect, expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { broadcastTo } from '../ops/elementwise';
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
  inputProduct,
  type RecurrentAffineOptions,
  recurrentAffineOptions,
  recurrentWeightOf,
  uniformOf,
} from './recurrent-affine';

export interface StackRnnOptions extends RecurrentOptions, Omit<RecurrentAffineOptions, 'bias'> {
  /** H, the numbers of the hidden state. */
  readonly units: number;
  /** Default 1. */
  readonly stacks?: number;
  /** Cells of each stack; what is pushed beyond is lost. Default 20. */
  readonly depth?: number;
  /** How many of the topmost cells the hidden state sees. Default 2. */
  readonly top?: number;
  /** Default true. */
  readonly bias?: boolean;
}

/**
 * A recurrent network that learns to push to stacks and to pop from them (Joulin and Mikolov 2015): it can count and
 * remember what lies far back. [N, T, F] to [N, T, units]; the formulas are those of `stackCell`.
 *
 * Parameters: `weight` [F, units], `recurrent.weight` [units, units], `bias` [units], `top.weight` [stacks * top, units],
 * `action.weight` [units, stacks * 3] (push, pop, keep), `value.weight` [units, stacks]. State: `{ hidden, stack }`,
 * [N, units] and [N, stacks, depth]; empty cells hold -1.
 *
 * @throws ConvoltError `OPTION` or `VALUE` for options that are unknown or out of range; `SHAPE` while tracing when x is
 *   not a sequence
 * @example sequential(embedding(2, 8), stackRnn({ units: 16, stacks: 2 }), dense(2)) // learns a^n b^n
 */
export function stackRnn(options: StackRnnOptions): RecurrentLayer<StackState> {
  expectOptions('stackRnn', options, [
    'units',
    'stacks',
    'depth',
    'top',
    ...recurrentOptions,
    ...recurrentAffineOptions,
  ]);
  const { units, stacks = 1, depth = 20, top = Math.min(2, depth) } = options;
  for (const [what, value] of Object.entries({ units, stacks, depth, top })) expectWhole('stackRnn', what, value, 1);
  expect(top <= depth, 'VALUE', () => ({
    where: 'stackRnn',
    what: 'top',
    expected: `at most the depth ${depth}`,
    actual: `${top}`,
  }));
  const define = (x: Value, scope: Scope): Recurrence<StackState> => {
    const made = (name: string, rows: number, columns: number): Value =>
      scope.param(`${name}.weight`, [rows, columns], options.recurrentInitializer ?? uniformOf(units));
    return {
      sequence: inputProduct(x, scope, units, units, options),
      state: {
        hidden: zeroState(x, units),
        stack: broadcastTo(constant(emptyCell), [x.shape[0] as number, stacks, depth]),
      },
      cell: stackCell({
        weight: recurrentWeightOf(scope, [units, units], options),
        topWeight: made('top', stacks * top, units),
        actionWeight: made('action', units, stacks * 3),
        valueWeight: made('value', units, stacks),
      }),
      outputOf: ({ hidden }) => hidden,
    };
  };
  return recurrent('stackRnn', define, optionsOf(options));
}

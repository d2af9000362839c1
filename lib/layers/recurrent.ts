/** Any cell as a layer: several layers, both directions, dropout between them, lengths, states in and out. */
import { dropout as drop } from '../functions/dropout';
import { mergeValues } from '../functions/merge';
import { expectChoice, expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { argmax } from '../ops/argmax';
import { broadcastTo, cast, mul } from '../ops/elementwise';
import { oneHot } from '../ops/one-hot';
import { sum } from '../ops/reduce';
import { type Cell, scan, type Values } from '../ops/scan';
import { expandDims, squeeze } from '../ops/shape';
import { slice } from '../ops/slice';
import { constant } from '../ops/source';
import { expectName, type Layer } from './layer';
import {
  carriedState,
  carryState,
  expectSequence,
  expectState,
  expectStates,
  maskOf,
  type RunOptions,
} from './recurrent-run';

export interface RecurrentOptions {
  /** Layers on top of each other: each reads the outputs of the one below. Default 1. */
  readonly layers?: number;
  /** Runs forward and backward in time and merges the outputs (Schuster and Paliwal 1997). Default false. */
  readonly bidirectional?: boolean;
  /** How the outputs of both directions become one: 'concat' (default), forward first, or their 'sum'. */
  readonly merge?: 'concat' | 'sum';
  /** Runs from the last step to the first; outputs stand at the step that gave them. Default false. */
  readonly reverse?: boolean;
  /** Probability of dropping an output between layers while training. Default 0. */
  readonly dropout?: number;
  /** True (default): the outputs of all steps [N, T, H]; false: of the last step of each direction [N, H]. */
  readonly sequences?: boolean;
  /** Truncated back-propagation: the gradient through the state is cut every so many steps. Default never. */
  readonly truncate?: number;
  /** Memory for time: the gradient keeps the state of every so many steps and computes the others again. Default all. */
  readonly checkpoint?: number;
}

export const recurrentOptions = [
  'layers',
  'bidirectional',
  'merge',
  'reverse',
  'dropout',
  'sequences',
  'truncate',
  'checkpoint',
] as const;

/** Those of `options` that every recurrent layer has. */
export const optionsOf = (options: RecurrentOptions): RecurrentOptions =>
  Object.fromEntries(
    Object.entries(options).filter(([name]) => (recurrentOptions as readonly string[]).includes(name)),
  );

/** What a recurrent layer gives: all steps and the last states. */
export interface RunResult<S extends Values> {
  /** [N, T, H], or [N, H] with `sequences: false`. */
  readonly output: Value;
  /** States after the last step that is there: layer after layer, within each the forward before the backward one. */
  readonly state: readonly S[];
}

/** A layer on sequences whose states can be given and taken. */
export interface RecurrentLayer<S extends Values> extends Layer {
  /**
   * Applies the layer, with the same parameters, from given states or to padded sequences.
   *
   * @throws ConvoltError `SHAPE` while tracing when state, lengths or mask do not fit the sequence; `VALUE` when the
   *   program runs and a length lies outside of 1 to T
   * @example const { output, state } = encoder.run(x, scope, { lengths });
   */
  run(x: Value, scope: Scope, options?: RunOptions<S>, name?: string): RunResult<S>;
}

/** All steps of one direction of one layer. */
export interface Steps<S extends Values> {
  /** [N, T, H]. */
  readonly outputs: Value;
  /** After the last step. */
  readonly state: S;
}

/** One direction of one layer: a cell with its parameters, and where it begins. */
export interface Recurrence<S extends Values, X extends Values = Value> {
  /** What each step is given, [N, T, ...]: the input, or what can be computed of it for all steps at once. */
  readonly sequence: X;
  /** The state before the first step, unless one is given. */
  readonly state: S;
  readonly cell: Cell<S, X, Value>;
  /** The output of a step, where its state holds it: spares to look for the last one. */
  readonly outputOf?: (state: S) => Value;
  /** The same as `scan` of the cell, quicker; used where `mask`, `truncate` and `checkpoint` are not given. */
  readonly fast?: (state: S, options: { readonly reverse: boolean; readonly lengths?: Value }) => Steps<S>;
}

/** Zeros [N, units] for the N sequences of x. */
export const zeroState = (x: Value, units: number): Value => broadcastTo(constant(0), [x.shape[0] as number, units]);

/** How many steps are there, int32 [N]: the lengths again, but proven to be from 1 to T when the program runs. */
const countOf = (mask: Value): Value => cast(sum(cast(mask, 'float32'), { axes: 1 }), 'int32');

/** The output of the last step that is there, [N, H]. */
function lastOf(outputs: Value, reverse: boolean, mask?: Value): Value {
  const steps = outputs.shape[1] as number;
  if (!mask) {
    const begin = outputs.shape.map((_, axis) => (axis === 1 && !reverse ? steps - 1 : 0));
    return squeeze(slice(outputs, { begin, size: outputs.shape.map((_, axis) => (axis === 1 ? 1 : -1)) }), 1);
  }
  const rank = constant(Float32Array.from({ length: steps }, (_, t) => (reverse ? steps - t : t + 1)));
  const last = oneHot(argmax(mul(cast(mask, 'float32'), rank)), steps);
  return sum(mul(outputs, expandDims(last, 2)), { axes: 1 });
}

/** Checks the options of `where` and fills in the defaults. */
function resolve(where: string, options: RecurrentOptions) {
  const { layers = 1, bidirectional = false, merge = 'concat', reverse = false } = options;
  const { dropout = 0, sequences = true, truncate, checkpoint } = options;
  expectWhole(where, 'the number of layers', layers, 1);
  expectChoice(where, 'merge', merge, ['concat', 'sum']);
  expectNumber(where, 'dropout', dropout, { least: 0, below: 1 });
  if (truncate !== undefined) expectWhole(where, 'truncate', truncate, 1);
  if (checkpoint !== undefined) expectWhole(where, 'checkpoint', checkpoint, 1);
  expect(!(reverse && bidirectional), 'OPTION', () => ({
    where,
    what: 'reverse and bidirectional',
    expected: 'not both',
    actual: 'both',
  }));
  return { layers, bidirectional, merge, reverse, dropout, sequences, truncate, checkpoint };
}

/**
 * Makes a layer of a cell: [N, T, F] to [N, T, H]. All recurrent layers are made by it.
 *
 * `define` is called once for every layer and direction. What it declares stands under the layer's name; several layers
 * under `layer1`, `layer2`, ..., two directions under `forward` and `backward`: `lstm.layer2.backward.weight`.
 *
 * @param define declares the parameters and gives the cell
 * @throws ConvoltError `OPTION` or `VALUE` for options that are unknown or out of range; `SHAPE` while tracing when x is
 *   not a sequence
 * @example
 * const minimalGated = (units: number) =>
 *   recurrent('minimalGated', (x, scope) => {
 *     const weight = scope.param('recurrent.weight', [units, 2 * units], xavierUniform());
 *     const cell = (h: Value, u: Value) => {
 *       const [forget, candidate] = split(add(u, matmul(h, weight)), 2, { axis: -1 });
 *       const f = sigmoid(forget);
 *       const next = add(mul(sub(1, f), h), mul(f, tanh(candidate)));
 *       return { state: next, output: next };
 *     };
 *     return { sequence: dense(2 * units)(x, scope), state: zeroState(x, units), cell };
 *   });
 */
export function recurrent<S extends Values, X extends Values = Value>(
  name: string,
  define: (x: Value, scope: Scope) => Recurrence<S, X>,
  options: RecurrentOptions = {},
): RecurrentLayer<S> {
  expectName(name);
  expectOptions(name, options, recurrentOptions);
  const { layers, bidirectional, merge, reverse, dropout, sequences, ...loop } = resolve(name, options);
  const directions = Object.entries(bidirectional ? { forward: false, backward: true } : { '': reverse });
  const within = <T>(scope: Scope, part: string, body: (scope: Scope) => T): T =>
    part ? scope.child(part, body) : body(scope);

  /** One direction of one layer. */
  const pass = (x: Value, scope: Scope, backward: boolean, given: S | undefined, how: RunOptions<S>) => {
    const { sequence, state: initial, cell, outputOf, fast } = define(x, scope);
    if (given) expectState(name, given, initial);
    const state = given ?? carriedState(name, scope, initial, backward);
    const { lengths, mask } = how;
    const isPlain = loop.truncate === undefined && loop.checkpoint === undefined;
    const isFast = fast && isPlain && (!mask || lengths);
    const made: Steps<S> = isFast
      ? fast(state, { reverse: backward, ...(mask && { lengths: countOf(mask) }) })
      : scan(cell, state, sequence, { reverse: backward, mask, ...loop });
    if (!given) carryState(scope, state, made.state);
    return { ...made, last: () => (outputOf ? outputOf(made.state) : lastOf(made.outputs, backward, mask)) };
  };

  const runAll = (x: Value, scope: Scope, given: RunOptions<S>): RunResult<S> => {
    expectSequence(name, x);
    const how = { lengths: given.lengths, mask: maskOf(name, x, given) };
    expectStates(name, given.state, layers * directions.length);
    const states: S[] = [];
    let output = x;
    for (let i = 1; i <= layers; i++) {
      const below = output;
      const isTop = i === layers;
      const sides = within(scope, layers > 1 ? `layer${i}` : '', (layerScope) =>
        directions.map(([part, backward]) =>
          within(layerScope, part, (inner) => {
            const made = pass(below, inner, backward, given.state?.[states.length], how);
            states.push(made.state);
            return isTop && !sequences ? made.last() : made.outputs;
          }),
        ),
      );
      output = mergeValues(sides, merge === 'sum' ? 'add' : 'concat');
      if (!isTop && dropout > 0 && scope.drops) output = drop(output, scope.key(), { p: dropout });
    }
    return { output, state: states };
  };

  const run = (x: Value, scope: Scope, given: RunOptions<S> = {}, as: string = name): RunResult<S> =>
    scope.child(
      as,
      (inner) => {
        const made = runAll(x, inner, given);
        made.output.name ??= inner.path;
        return made;
      },
      apply,
    );
  const apply = (x: Value, scope: Scope, as: string = name): Value => run(x, scope, {}, as).output;
  return Object.assign(apply, { layerName: name, run });
}

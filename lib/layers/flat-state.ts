/** States of recurrent layers as plain lists of values, as a loop carries them, and back. */
import { Scope, Trace } from '../graph/scope';
import { isValue, type Value } from '../graph/value';
import { broadcastTo } from '../ops/elementwise';
import { splitKey } from '../ops/random';
import type { Values } from '../ops/scan';
import { constant, state } from '../ops/source';
import type { RecurrentLayer } from './recurrent';

const partsOf = (values: Values): readonly Value[] => (isValue(values) ? [values] : Object.values(values));

/** All values of all states, in order. */
export const flatten = (states: readonly Values[]): Value[] => states.flatMap(partsOf);

/** What each state shows outside: the first of its values, `hidden` of an LSTM. */
export const hiddenOf = (states: readonly Values[]): Value[] => states.map((state) => partsOf(state)[0] as Value);

/** The opposite of `flatten`: the values in the form of `states`. */
export function unflatten(states: readonly Values[], values: readonly Value[]): Values[] {
  const left = [...values];
  return states.map((state) => {
    if (isValue(state)) return left.shift() as Value;
    const parts = Object.keys(state).map((name) => [name, left.shift() as Value] as const);
    return Array.isArray(state) ? parts.map(([, value]) => value) : Object.fromEntries(parts);
  });
}

/** Zeros in the form of a layer's states, found by a step in a trace of its own. */
export function emptyStates(layer: RecurrentLayer<Values>, batch: number): Values[] {
  const apart = new Scope(new Trace({ state, nextKey: splitKey }, false));
  const { state: states } = layer.run(broadcastTo(constant(0), [batch, 1, 1]), apart);
  const zeros = flatten(states).map(({ shape }) => broadcastTo(constant(0), shape));
  return unflatten(states, zeros);
}

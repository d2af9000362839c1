/** What a recurrent layer is given besides its input: states and lengths, proven to fit. */
import { expect, expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import { sameShape, showType } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import type { Values } from '../ops/scan';
import { sequenceMask } from '../ops/sequence-mask';

export interface RunOptions<S extends Values> {
  /** States before the first step, in the order in which `run` returns them. Default: as the cell begins, mostly zeros. */
  readonly state?: readonly S[];
  /** int32 [N]: steps of each sequence, from 1 to T. Later steps leave the state unchanged, give 0 and no gradient. */
  readonly lengths?: Value;
  /** bool [N, T], in place of `lengths`: the steps that are there. */
  readonly mask?: Value;
}

/** Throws unless x is a sequence. */
export function expectSequence(where: string, x: Value): void {
  expect(x.dtype === 'float32' && x.shape.length === 3 && (x.shape[1] as number) > 0, 'SHAPE', () => ({
    where,
    what: 'the input',
    expected: 'float32[N, T, F] with T of 1 or more',
    actual: showType(x),
  }));
}

const entriesOf = (values: Values): [string, Value][] =>
  isValue(values) ? [['', values]] : Object.entries(values as Record<string, Value>);

/** `float32[2, 3]`, or `{ hidden float32[2, 3], cell float32[2, 3] }`. */
function showValues(values: Values): string {
  const parts = entriesOf(values).map(([name, value]) => `${name} ${showType(value)}`.trim());
  return isValue(values) ? parts.join() : `{ ${parts.join(', ')} }`;
}

/** Throws unless `given` has the names, types and shapes of `expected`. */
export function expectState<S extends Values>(where: string, given: S, expected: S): void {
  const found = new Map(typeof given === 'object' && given !== null ? entriesOf(given) : []);
  const wanted = entriesOf(expected);
  const fits = ([name, { dtype, shape }]: [string, Value]): boolean => {
    const value = found.get(name);
    return isValue(value) && value.dtype === dtype && sameShape(value.shape, shape);
  };
  expect(found.size === wanted.length && wanted.every(fits), 'SHAPE', () => ({
    where,
    what: 'the state',
    expected: showValues(expected),
    actual: found.size && [...found.values()].every(isValue) ? showValues(given) : typeof given,
  }));
}

/**
 * What a sequence begins with: where it goes on from call to call the state of the call before, elsewhere `initial`.
 *
 * @throws ConvoltError `STATE` for a layer that goes backward, which cannot go on
 */
export function carriedState<S extends Values>(where: string, scope: Scope, initial: S, backward: boolean): S {
  if (!scope.carries) return initial;
  expect(!backward, 'STATE', () => ({
    where,
    what: 'the direction',
    expected: 'forward, as its sequences go on from call to call',
    actual: 'backward',
  }));
  if (isValue(initial)) return scope.carried('state', initial) as Value & S;
  const carried = Object.entries(initial as Record<string, Value>).map(([name, value]) => [
    name,
    scope.carried(name, value),
  ]);
  return (Array.isArray(initial) ? carried.map(([, value]) => value) : Object.fromEntries(carried)) as S;
}

/** Keeps `after` for the next call, in the place of what `carriedState` gave. */
export function carryState<S extends Values>(scope: Scope, before: S, after: S): void {
  if (!scope.carries) return;
  const next = new Map(entriesOf(after));
  for (const [name, value] of entriesOf(before)) scope.carry(value, next.get(name) as Value);
}

/** Throws unless there are `count` states, or none. */
export function expectStates(where: string, states: readonly unknown[] | undefined, count: number): void {
  expect(!states || (Array.isArray(states) && states.length === count), 'SHAPE', () => ({
    where,
    what: 'the state',
    expected: `a list of ${count}, one per layer and direction`,
    actual: Array.isArray(states) ? `a list of ${states.length}` : 'no list',
  }));
}

/** The steps that are there, bool [N, T], or nothing where all are. */
export function maskOf<S extends Values>(where: string, x: Value, options: RunOptions<S>): Value | undefined {
  expectOptions(where, options, ['state', 'lengths', 'mask']);
  const { lengths, mask } = options;
  const [n, steps] = x.shape as [number, number, number];
  const expectType = (what: string, value: Value, dtype: string, shape: readonly number[]): void =>
    expect(value.dtype === dtype && sameShape(value.shape, shape), 'SHAPE', () => ({
      where,
      what,
      expected: `${dtype}[${shape.join(', ')}], as the input is ${showType(x)}`,
      actual: showType(value),
    }));
  expect(!(lengths && mask), 'OPTION', () => ({
    where,
    what: 'lengths and mask',
    expected: 'not both',
    actual: 'both',
  }));
  if (mask) expectType('the mask', mask, 'bool', [n, steps]);
  if (lengths) expectType('the lengths', lengths, 'int32', [n]);
  return lengths ? sequenceMask(lengths, steps) : mask;
}

/** Tracing of single layers, without a session. */
import { Scope, Trace } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import type { Block } from '../../lib/layers';
import { splitKey } from '../../lib/ops/random';
import { constant, feed, state } from '../../lib/ops/source';
import { evaluate, type Numbers, type Tensor64 } from '../../lib/reference';

/** A random key that is always the same. */
export const key = constant({ dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) });

/** A trace as programs have it: without a random key when not training. */
export const newTrace = (training = true): Trace =>
  new Trace({ state, nextKey: splitKey }, training, training ? key : undefined);

export interface Traced {
  readonly y: Value;
  readonly trace: Trace;
  /** Declared parameters and states: path to shape. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

/** Applies `block` to a value, or to a feed of a shape. */
export function traced(block: Block, input: Value | readonly number[], training = true): Traced {
  const trace = newTrace(training);
  const x = 'node' in input ? input : feed('x', input);
  const y = block(x, new Scope(trace));
  const shapes = Object.fromEntries([...trace.declarations].map(([path, { shape }]) => [path, shape]));
  return { y, trace, shapes };
}

/** The first numbers of everything that a trace has declared. */
export const initialNumbers = ({ declarations }: Trace): Map<string, Tensor64> =>
  new Map(
    [...declarations.values()].map(({ path, shape, initializer }) => [
      path,
      evaluate([initializer(shape, key)])[0] as Tensor64,
    ]),
  );

/** The numbers of `states` after the step that was traced. */
export function updated(trace: Trace, numbers: Numbers): Map<string, Tensor64> {
  const results = evaluate([...trace.updates.values()], new Map(), numbers);
  return new Map([
    ...numbers,
    ...[...trace.updates.keys()].map((path, i): [string, Tensor64] => [path, results[i] as Tensor64]),
  ]);
}

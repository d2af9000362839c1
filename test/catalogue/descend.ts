/** Runs an optimizer on a function in float64, step by step, as a training step would. */
import { Scope, Trace } from '../../lib/graph/scope';
import { sizeOf } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import { add } from '../../lib/ops/elementwise';
import { splitKey } from '../../lib/ops/random';
import { constant, state } from '../../lib/ops/source';
import type { Transform } from '../../lib/optimizers';
import { evaluate, type Tensor64, tensor64 } from '../reference';

/** Numbers by path. */
export type Point = Readonly<Record<string, readonly number[]>>;

/** All parameters and states after each step. */
export type Path = readonly Point[];

const key = constant({ dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) });

/** A trace as the training program has it. */
export const newTrace = (training = true): Trace => new Trace({ state, nextKey: splitKey }, training, key);

/**
 * Steps from `start`.
 *
 * @param gradientAt gradients of the parameters, in graph ops
 * @returns one point per step
 */
export function descend(
  optimizer: Transform,
  gradientAt: (parameters: ReadonlyMap<string, Value>) => ReadonlyMap<string, Value>,
  start: Point,
  steps: number,
): Path {
  const trace = newTrace();
  const parameters = new Map(Object.entries(start).map(([path, { length }]) => [path, state(path, [length])]));
  const updates = optimizer(gradientAt(parameters), parameters, new Scope(trace, 'optimizer'));
  const next = new Map(trace.updates);
  for (const [path, update] of updates) next.set(path, add(parameters.get(path) as Value, update));

  const numbers = new Map(Object.entries(start).map(([path, values]) => [path, tensor64([...values])]));
  for (const { path, shape, initializer } of trace.declarations.values()) {
    numbers.set(path, evaluate([initializer(shape, key)])[0] as Tensor64);
    expect(numbers.get(path)?.data).toHaveLength(sizeOf(shape));
  }
  const names = [...next.keys()];
  return Array.from({ length: steps }, () => {
    const results = evaluate([...next.values()], new Map(), numbers);
    names.forEach((name, i) => numbers.set(name, results[i] as Tensor64));
    return Object.fromEntries([...numbers].map(([path, { data }]) => [path, [...data]]));
  });
}

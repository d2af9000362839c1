/** Runs an optimizer on a function in float64, step by step, as a training step would. */
import { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import { add } from '../../lib/ops/elementwise';
import { state } from '../../lib/ops/source';
import type { Transform } from '../../lib/optimizers';
import { type Tensor64, tensor64 } from '../../lib/reference';
import { initialNumbers, newTrace, updated } from '../pure/tracing';

/** Numbers by path. */
export type Point = Readonly<Record<string, readonly number[]>>;

/**
 * Steps from `start`.
 *
 * @param gradientAt gradients of the parameters, in graph ops
 * @returns all parameters and states after each step
 */
export function descend(
  optimizer: Transform,
  gradientAt: (parameters: ReadonlyMap<string, Value>) => ReadonlyMap<string, Value>,
  start: Point,
  steps: number,
): readonly Point[] {
  const trace = newTrace();
  const parameters = new Map(Object.entries(start).map(([path, { length }]) => [path, state(path, [length])]));
  const updates = optimizer(gradientAt(parameters), parameters, new Scope(trace, 'optimizer'));
  for (const [path, update] of updates) trace.updates.set(path, add(parameters.get(path) as Value, update));

  const given = Object.entries(start).map(([path, values]): [string, Tensor64] => [path, tensor64([...values])]);
  let numbers = new Map([...initialNumbers(trace), ...given]);
  return Array.from({ length: steps }, () => {
    numbers = updated(trace, numbers);
    return Object.fromEntries([...numbers].map(([path, { data }]) => [path, [...data]]));
  });
}

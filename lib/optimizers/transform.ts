/** What an optimizer is: a pure function from gradients to what is added to the parameters. */
import type { Initializer, Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { zeros } from '../initializers/constant';

export { stepCount } from '../functions/step-count';

/** Values by parameter path. */
export type ByPath = ReadonlyMap<string, Value>;

/**
 * One stage of an optimizer. The first stage is given the gradients; what the last one returns is added to the
 * parameters. A path that is absent from the result stays untouched. States (moments, counts) are declared where
 * they are used.
 */
export type Transform = (updates: ByPath, parameters: ByPath, scope: Scope) => Map<string, Value>;

/** A map of the same paths with changed values. */
export const mapUpdates = (updates: ByPath, change: (update: Value, path: string) => Value): Map<string, Value> =>
  new Map([...updates].map(([path, update]) => [path, change(update, path)]));

/** A state of the parameter at `path`, of its shape, 0 at first unless told otherwise, with its value after this step. */
export function movingState(
  scope: Scope,
  name: string,
  path: string,
  like: Value,
  next: (old: Value) => Value,
  first: Initializer = zeros,
): Value {
  const old = scope.state(`${name}.${path}`, like.shape, first);
  const moved = next(old);
  scope.update(old, moved);
  return moved;
}

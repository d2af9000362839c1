/** A scope that hands out given values in place of declaring parameters. */
import type { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';

/** Parameters by their paths below `path`. */
export function givenScope(values: ReadonlyMap<string, Value>, path = ''): Scope {
  const below = (name: string): string => (path ? `${path}.${name}` : name);
  const scope = {
    path,
    training: false,
    param: (name: string, shape: readonly number[]): Value => {
      const value = values.get(below(name));
      if (`${value?.shape}` !== `${shape}`) throw new Error(`${below(name)}: [${value?.shape}] for [${shape}]`);
      return value as Value;
    },
    child: <T>(name: string, body: (scope: Scope) => T): T => body(givenScope(values, below(name))),
  };
  return scope as unknown as Scope;
}

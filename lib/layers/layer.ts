/** What a layer is: a function of its input and a scope, with a name for its parameters. */
import { expect } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { replaced } from './replacement';

/** Anything that can stand in a network: layers, and plain functions such as activations. */
export type Block<X = Value> = (x: X, scope: Scope) => Value;

/** A block that knows under which name its parameters stand. */
export interface Layer<X = Value> {
  /** Applies the layer; `name` replaces its own name. */
  (x: X, scope: Scope, name?: string): Value;
  /** The name that the layer goes by, if no other is given. */
  readonly layerName: string;
}

/** Throws unless `name` can stand in a path. */
export function expectName(name: string): void {
  expect(/^[^.\s]+$/.test(name), 'OPTION', () => ({
    where: 'layer',
    what: 'the name',
    expected: 'text without dots or spaces',
    actual: `'${name}'`,
  }));
}

/**
 * Makes a layer.
 *
 * Its parameters stand under its name: `dense.weight`; a second layer of that name beside it becomes `dense2`. A layer
 * object that is used twice shares its parameters. The output is named by the layer's path, so that it can be fetched,
 * unless it has a name already.
 *
 * @param body declares parameters where it uses them, with `scope.param` and `scope.state`
 * @throws ConvoltError `OPTION` when the name is empty or has dots or spaces
 * @example
 * const scale = () =>
 *   layer('scale', (x, scope) => mul(x, scope.param('factor', [x.shape.at(-1) as number], ones)));
 */
export function layer<X = Value>(name: string, body: Block<X>): Layer<X> {
  expectName(name);
  const apply = (x: X, scope: Scope, as: string = name): Value => {
    const own = as === name ? undefined : as;
    const other = replaced(made as Layer, asLayer(name), (block) => block(x as Value, scope, own));
    if (other) return other;
    const inside = (inner: Scope): Value => {
      const output = body(x, inner);
      output.name ??= inner.path;
      return output;
    };
    return scope.child(as, inside, apply);
  };
  const made = Object.assign(apply, { layerName: name });
  return made;
}

/** The block as a layer: any function that is none gets the name. */
const asLayer =
  (name: string) =>
  (block: Block): Layer =>
    'layerName' in block ? (block as Layer) : layer(name, block);

/** The block under a name of its own: a layer is renamed, any other function gets a scope. */
export function renamed(name: string, block: Block): Block {
  expectName(name);
  const known = asLayer(name)(block);
  return (x, scope) => known(x, scope, name);
}

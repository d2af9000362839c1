/** Layers that stay as they are, by path. */
import { expect } from '../graph/errors';
import type { Node } from '../graph/value';

/** True for the path of a layer, and of what stands below it. */
export const isUnder = (path: string, layer: string): boolean => path === layer || path.startsWith(`${layer}.`);

/** True for the nodes of the named layers, and of all below them. */
export const keeper =
  (layers: readonly string[]) =>
  ({ path = '' }: Node): boolean =>
    layers.some((layer) => isUnder(path, layer));

/** Throws unless every name is that of a layer with nodes in a graph. */
export function expectLayersAt(
  where: string,
  layers: readonly string[],
  nodes: readonly { readonly path?: string }[],
): void {
  for (const layer of layers) {
    expect(
      nodes.some(({ path = '' }) => isUnder(path, layer)),
      'OPTION',
      () => ({ where, what: 'every path to keep', expected: 'that of a layer', actual: `'${layer}'` }),
    );
  }
}

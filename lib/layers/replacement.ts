/** Which layers are replaced while a model is traced. */
import type { Block, Layer } from './layer';

/** Makes what shall stand in the place of a layer. */
export type MakeBlock = (original: Layer) => Block;

/** Replacements while one model is traced. */
export interface Replacing {
  /** By the name of the layers that are replaced. */
  readonly makers: Readonly<Record<string, MakeBlock>>;
  /** What has been made, by the layer that it replaces. */
  readonly made: WeakMap<object, Layer>;
  /** Names of layers that were met. */
  readonly met: Set<string>;
}

/** The models that are being traced with replacements, the innermost first. */
let current: readonly Replacing[] = [];

function within<T>(stack: readonly Replacing[], body: () => T): T {
  const before = current;
  current = stack;
  try {
    return body();
  } finally {
    current = before;
  }
}

/** Runs `body` with more replacements than before. */
export const tracedWith = <T>(replacing: Replacing, body: () => T): T => within([replacing, ...current], body);

/**
 * Runs `apply` with what stands in the place of `layer`, if it is replaced; undefined otherwise. What was put there is not
 * replaced by the same model again, so that it may hold the layer that it replaces.
 *
 * @param asLayer makes a layer of that name out of a plain function
 */
export function replaced<T>(layer: Layer, asLayer: (block: Block) => Layer, apply: (other: Layer) => T): T | undefined {
  const depth = current.findIndex(({ makers }) => Object.hasOwn(makers, layer.layerName));
  const replacing = current[depth];
  if (!replacing) return undefined;
  replacing.met.add(layer.layerName);
  return within(current.slice(depth + 1), () => {
    const known = replacing.made.get(layer);
    const other = known ?? asLayer((replacing.makers[layer.layerName] as MakeBlock)(layer));
    if (!known) replacing.made.set(layer, other);
    return apply(other);
  });
}

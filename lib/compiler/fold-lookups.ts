/**
 * Moves work on looked-up rows into the table, where it is done once: gather(t, i) W + b = gather(t W + b, i). The first
 * product behind an embedding costs nothing then.
 */
import { tracingAt } from '../graph/errors';
import { sameShape, sizeOf } from '../graph/tensor';
import { makeNode, type Node, reachable, type Value } from '../graph/value';
import { gather } from '../ops/gather';
import { reshape } from '../ops/shape';

/** Rows of a table [V, F] that depends on no feed, picked by indices. */
interface Lookup {
  readonly table: Value;
  readonly indices: Value;
  /** Path of the layer that looks up. */
  readonly path?: string;
}

class LookupFolder {
  /** Values that depend on no feed. */
  private readonly fixed = new Set<Node>();
  private readonly lookups = new Map<Value, Lookup>();
  private readonly made = new Map<Value, Value>();

  /** The value in the new graph. */
  now = (old: Value): Value => {
    const known = this.made.get(old);
    if (known) return known;
    const lookup = this.lookups.get(old);
    if (!lookup) return old;
    const value = tracingAt(lookup.path ?? '', () => reshape(gather(lookup.table, lookup.indices), old.shape));
    value.name = old.name;
    this.made.set(old, value);
    return value;
  };

  private isFixed = (value: Value): boolean => this.fixed.has(value.node);

  private picked({ inputs: [table, indices], attributes, path }: Node): Lookup | undefined {
    const isTable = table?.shape.length === 2 && table.dtype === 'float32' && attributes.axis === 0;
    if (!isTable || !indices || !this.isFixed(table) || this.isFixed(indices)) return undefined;
    return { table, indices: this.now(indices), path };
  }

  private viewed({ inputs: [x], outputs: [y] }: Node): Lookup | undefined {
    return x && y && x.shape.at(-1) === y.shape.at(-1) ? this.lookups.get(x) : undefined;
  }

  /** A product becomes one of the table, unless that makes the table larger than all it replaces. */
  private multiplied({ op, inputs, attributes, outputs, path }: Node): Lookup | undefined {
    const [x, w] = inputs as [Value, Value];
    const lookup = this.lookups.get(x);
    if (!lookup || !this.isFixed(w) || w.shape.length !== 2 || attributes.transposeA) return undefined;
    const shape = [lookup.table.shape[0] as number, outputs[0]?.shape.at(-1) as number];
    if (sizeOf(shape) > sizeOf(lookup.table.shape) + sizeOf(w.shape)) return undefined;
    const type = { dtype: 'float32', shape } as const;
    return { ...lookup, table: makeNode(op, [lookup.table, w], attributes, [type], path).outputs[0] as Value };
  }

  /** Elementwise work with vectors along the rows. */
  private changed({ op, inputs, attributes, outputs: [y], path }: Node): Lookup | undefined {
    const changing = inputs.filter((input) => !this.isFixed(input));
    const [x] = changing as [Value];
    const lookup = changing.every((input) => input === x) ? this.lookups.get(x) : undefined;
    const vectors = inputs.filter(this.isFixed);
    const areVectors = vectors.every(({ shape }) => shape.slice(0, -1).every((length) => length === 1));
    if (!lookup || !areVectors || y?.dtype !== 'float32' || !sameShape(x.shape, y.shape)) return undefined;
    const operands = inputs.map((input) => (input === x ? lookup.table : reshape(input, [1, input.shape.at(-1) ?? 1])));
    const type = { dtype: y.dtype, shape: lookup.table.shape };
    return { ...lookup, table: makeNode(op, operands, attributes, [type], path).outputs[0] as Value };
  }

  private lookup(node: Node): Lookup | undefined {
    if (node.op.kind === 'elementwise') return this.changed(node);
    if (node.op.kind === 'view') return this.viewed(node);
    if (node.op.name === 'matmul') return this.multiplied(node);
    return node.op.name === 'gather' ? this.picked(node) : undefined;
  }

  add(node: Node): void {
    if (node.op.name !== 'feed' && node.inputs.every(this.isFixed)) {
      this.fixed.add(node);
      return;
    }
    if (node.inputs.length === 0) return;
    const lookup = tracingAt(node.path ?? '', () => this.lookup(node));
    if (lookup) {
      this.lookups.set(node.outputs[0] as Value, lookup);
      return;
    }
    const rebuilt = makeNode(node.op, node.inputs.map(this.now), node.attributes, node.outputs, node.path);
    node.outputs.forEach((output, i) => {
      const value = rebuilt.outputs[i] as Value;
      value.name = output.name;
      this.made.set(output, value);
    });
  }
}

/**
 * Rewrites everything that `roots` need; states count as constants, so the result is for graphs that update none.
 *
 * @returns for every value of the old graph that is still there its value in the new one
 */
export function foldLookups(roots: readonly Value[]): (old: Value) => Value {
  const folder = new LookupFolder();
  for (const node of reachable(roots)) folder.add(node);
  return folder.now;
}

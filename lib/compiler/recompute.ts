/**
 * Computes cheap values again where that moves fewer bytes than to store and read them: a pass that reads x anyway gets
 * x * scale + shift, or the sign of it, for the price of a few operations.
 */
import { bytesOf, sameShape } from '../graph/tensor';
import { makeNode, type Node, reachable, type Value } from '../graph/value';
import { scalarConstant } from '../ops/source';
import { fuse, type Group, maxNodes, maxOperands, operandsOf } from './fuse';

/** Operations that cost little beside the memory that they walk over, as multiples of an addition. */
const costs: Readonly<Record<string, number>> = {
  add: 1,
  sub: 1,
  mul: 1,
  maximum: 1,
  minimum: 1,
  equal: 1,
  less: 1,
  lessEqual: 1,
  logicalAnd: 1,
  logicalOr: 1,
  logicalNot: 1,
  neg: 1,
  abs: 1,
  sign: 1,
  floor: 1,
  round: 1,
  where: 1,
  broadcastTo: 1,
  div: 3,
  reciprocal: 3,
  sqrt: 3,
};

/** An addition of two blocks in the first-level cache, as a share of reading one from memory: measured on two cores. */
const operation = 1 / 6;

/** Values below it cost no more than the calls. */
const leastBytes = 1 << 12;

/** Operations in a row that are done again, at most. */
const deepest = 8;

/** What a pass computes again: an operation on values that it has or reads. */
type Repeats = Map<Value, readonly Value[]>;

/** A pass and what it has at hand. */
class Reader {
  readonly repeated: Repeats = new Map();
  private readonly present = new Set<Value>();
  private operands: number;

  constructor(readonly group: Group) {
    this.operands = operandsOf(group.nodes).length;
    for (const node of group.nodes) {
      for (const value of [...node.inputs, ...node.outputs]) this.present.add(value);
    }
  }

  has = (value: Value): boolean => this.present.has(value);

  /** True when the pass does not grow beyond what one pass may be. */
  fits({ reads, repeats }: Way): boolean {
    const nodes = this.group.nodes.size + this.repeated.size + repeats.size;
    return nodes <= maxNodes && this.operands + reads.length <= maxOperands;
  }

  /** Takes over what a plan found, which makes `value` no operand any more. */
  repeat(way: Way): void {
    for (const [value, inputs] of way.repeats) this.repeated.set(value, inputs);
    for (const value of way.reads) this.present.add(value);
    this.operands += way.reads.length;
    for (const value of way.repeats.keys()) this.present.add(value);
  }
}

/** True for the output of a kernel that a pass may follow range by range. */
const isHandedOut = ({ node, index }: Value): boolean => node.op.tail === true && index === 0;

/** How a pass can come by a value: bytes to read (operations counted as bytes, too), which values, what to compute. */
interface Way {
  readonly bytes: number;
  readonly reads: readonly Value[];
  readonly repeats: Repeats;
}

/** What is compared with a number `limit`: z stands for max(z, c) or min(z, c) where the limit c does not matter. */
function unlimited(value: Value, limit: number | undefined, above: boolean): Value {
  const { op, inputs } = value.node;
  const [z, c] = [inputs[0], inputs[1] && scalarConstant(inputs[1])];
  if (limit === undefined || c === undefined || !z || !sameShape(z.shape, value.shape)) return value;
  const irrelevant =
    (op.name === 'maximum' && (above ? c <= limit : c < limit)) ||
    (op.name === 'minimum' && (above ? c > limit : c >= limit));
  return irrelevant ? unlimited(z, limit, above) : value;
}

/** Operands that give the same result: 0 < max(z, 0) where 0 < z, and min(z, 6) < 6 where z < 6. */
function sufficient(node: Node): readonly Value[] {
  if (node.op.name !== 'less') return node.inputs;
  const [a, b] = node.inputs as [Value, Value];
  return [unlimited(a, scalarConstant(b), false), unlimited(b, scalarConstant(a), true)];
}

class Recomputation {
  private readonly groupOf: ReadonlyMap<Node, Group>;
  private readonly readers = new Map<Group, Reader>();
  private readonly usersOf = new Map<Value, Set<Node>>();
  /** Values that some pass has in memory. */
  private readonly stored = new Set<Value>();
  /** Passes that write a result in the place of a kernel's output. */
  private readonly replaced = new Set<Group>();

  constructor(
    private readonly order: readonly Node[],
    private readonly roots: ReadonlySet<Value>,
    private readonly tails: boolean,
  ) {
    this.groupOf = fuse(order);
    for (const node of order) {
      for (const input of node.inputs) {
        const users = this.usersOf.get(input);
        if (users) users.add(node);
        else this.usersOf.set(input, new Set([node]));
      }
    }
    for (const node of order) {
      for (const value of node.outputs) if (this.isStored(value)) this.stored.add(value);
    }
  }

  private isStored(value: Value): boolean {
    const group = this.groupOf.get(value.node);
    if (!group || this.roots.has(value)) return true;
    return [...(this.usersOf.get(value) ?? [])].some((user) => this.groupOf.get(user) !== group);
  }

  private readerOf(group: Group): Reader {
    const known = this.readers.get(group);
    if (known) return known;
    const made = new Reader(group);
    this.readers.set(group, made);
    return made;
  }

  /** The cheapest way to `value` for a pass that does not have it; undefined when there is none. */
  private wayTo(value: Value, reader: Reader, depth: number): Way | undefined {
    const none: Repeats = new Map();
    if (reader.has(value) || scalarConstant(value) !== undefined) return { bytes: 0, reads: [], repeats: none };
    const read: Way | undefined = this.stored.has(value)
      ? { bytes: bytesOf(value), reads: [value], repeats: none }
      : undefined;
    const again = depth > 0 ? this.again(value, reader, depth) : undefined;
    return again && (!read || again.bytes < read.bytes) ? again : read;
  }

  /** Computes `value` again inside of a pass. */
  private again(value: Value, reader: Reader, depth = deepest): Way | undefined {
    const cost = value.node.op.kind === 'elementwise' ? costs[value.node.op.name] : undefined;
    if (cost === undefined || !sameShape(value.shape, reader.group.shape)) return undefined;
    let bytes = cost * operation * bytesOf({ dtype: 'float32', shape: value.shape });
    const reads = new Set<Value>();
    const inputs = sufficient(value.node);
    const repeats: Repeats = new Map();
    for (const input of new Set(inputs)) {
      if (repeats.has(input) || reads.has(input)) continue;
      const way = this.wayTo(input, reader, depth - 1);
      if (!way) return undefined;
      bytes += way.bytes;
      for (const read of way.reads) reads.add(read);
      for (const [repeated, operands] of way.repeats) repeats.set(repeated, operands);
    }
    repeats.set(value, inputs);
    const way = { bytes, reads: [...reads], repeats };
    return reader.fits(way) ? way : undefined;
  }

  /**
   * True when `value` can stand in the memory of a kernel's output that only its own pass reads: what follows a kernel
   * range by range writes it there instead, at no cost.
   */
  private takesPlace(value: Value, home: Group): boolean {
    if (!this.tails || this.replaced.has(home)) return false;
    const onlyHere = (input: Value) =>
      [...(this.usersOf.get(input) ?? [])].every((user) => this.groupOf.get(user) === home);
    return operandsOf(home.nodes).some(
      (input) =>
        isHandedOut(input) &&
        input.dtype === value.dtype &&
        sameShape(input.shape, value.shape) &&
        !this.roots.has(input) &&
        onlyHere(input),
    );
  }

  /** Decides for one value which of its readers compute it again. */
  private decide(value: Value): void {
    const home = this.groupOf.get(value.node);
    if (!home || value.node.op.kind !== 'elementwise' || bytesOf(value) < leastBytes || !this.stored.has(value)) return;
    if (costs[value.node.op.name] === undefined) return;
    const groups = [...(this.usersOf.get(value) ?? [])].map((user) => this.groupOf.get(user));
    const readers = [...new Set(groups)].filter((group) => group && group !== home) as Group[];
    if (readers.length === 0) return;
    const ways = readers.map((group) => this.again(value, this.readerOf(group)));
    const free = !this.roots.has(value) && groups.every((group) => group !== undefined);
    const total = ways.reduce((sum, way) => sum + (way ? way.bytes : Number.POSITIVE_INFINITY), 0);
    const inPlace = this.takesPlace(value, home);
    const nowhere = free && total < (readers.length + (inPlace ? 0 : 1)) * bytesOf(value);
    if (nowhere) this.stored.delete(value);
    else if (inPlace) this.replaced.add(home);
    for (const [i, way] of ways.entries()) {
      if (way && (nowhere || way.bytes < bytesOf(value))) this.readerOf(readers[i] as Group).repeat(way);
    }
  }

  /** What each pass computes again. */
  plan(): ReadonlyMap<Node, Repeats> {
    for (const node of this.order) for (const value of node.outputs) this.decide(value);
    const repeatsOf = new Map<Node, Repeats>();
    for (const [group, { repeated }] of this.readers) {
      if (repeated.size) for (const node of group.nodes) repeatsOf.set(node, repeated);
    }
    return repeatsOf;
  }
}

/**
 * Rewrites everything that `roots` need so that passes compute cheap values again.
 *
 * @param tails true when passes may follow kernels range by range
 * @returns for every value of the old graph its value in the new one; a root keeps its name
 */
export function recompute(roots: readonly Value[], tails: boolean): (old: Value) => Value {
  const order = reachable(roots);
  const repeatsOf = new Recomputation(order, new Set(roots), tails).plan();
  const replaced = new Map<Value, Value>();
  const now = (old: Value): Value => replaced.get(old) ?? old;
  if (repeatsOf.size === 0) return now;

  const copies = new Map<Repeats, Map<Value, Value>>();
  /** The value as a pass sees it: computed there, or the common one. */
  const seen = (value: Value, repeats: Repeats | undefined): Value => {
    const inputs = repeats?.get(value);
    if (!repeats || !inputs) return now(value);
    const own = copies.get(repeats) ?? new Map<Value, Value>();
    copies.set(repeats, own);
    const known = own.get(value);
    if (known) return known;
    const { op, attributes, outputs, path } = value.node;
    const operands = inputs.map((input) => seen(input, repeats));
    const made = makeNode(op, operands, attributes, outputs, path).outputs[value.index] as Value;
    own.set(value, made);
    return made;
  };

  for (const node of order) {
    if (node.inputs.length === 0) continue;
    const repeats = repeatsOf.get(node);
    const free = repeats ? sufficient(node) : node.inputs;
    const inputs = node.inputs.map((input, i) =>
      seen(repeats?.has(free[i] as Value) ? (free[i] as Value) : input, repeats),
    );
    const rebuilt = makeNode(node.op, inputs, node.attributes, node.outputs, node.path);
    node.outputs.forEach((output, i) => {
      const made = rebuilt.outputs[i] as Value;
      if (output.name !== undefined) made.name = output.name;
      replaced.set(output, made);
    });
  }
  return now;
}

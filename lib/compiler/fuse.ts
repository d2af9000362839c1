/**
 * Groups elementwise nodes and reductions into single passes over memory. Walking from the last node to the first, a
 * node joins the groups of its users when they run over the same shape and no other work lies between.
 */
import { dtypes, type Shape, sameShape } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import { scalarConstant } from '../ops/source';

/** A set of nodes that one pass computes. */
export interface Group {
  /** The shape that the pass walks over. */
  readonly shape: Shape;
  readonly nodes: Set<Node>;
}

/** Limits that keep all registers of a pass in the first-level cache. */
const maxOperands = 20;
const maxNodes = 48;

const isFusible = (node: Node): boolean => node.op.kind === 'elementwise' || node.op.kind === 'reduction';

/** The shape that a node walks over: what it reads for a reduction, what it writes for the rest. */
const walkedShape = (node: Node): Shape =>
  (node.op.kind === 'reduction' ? (node.inputs[0] as Value) : (node.outputs[0] as Value)).shape;

/** True when the result exists only once the pass has stored it: a fold, or a cast to fewer numbers, cut by the store. */
function endsPass(node: Node): boolean {
  if (node.op.name !== 'cast') return node.op.kind === 'reduction';
  const [from, to] = [node.inputs[0] as Value, node.outputs[0] as Value];
  return dtypes.indexOf(to.dtype) > dtypes.indexOf(from.dtype);
}

/** Values from outside that `nodes` read, scalar constants excepted (they become immediates). */
export function operandsOf(nodes: ReadonlySet<Node>): Value[] {
  const operands = new Set<Value>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      if (!nodes.has(input.node) && scalarConstant(input) === undefined) operands.add(input);
    }
  }
  return [...operands];
}

class Fuser {
  readonly groupOf = new Map<Node, Group>();

  constructor(
    private readonly usersOf: ReadonlyMap<Node, readonly Node[]>,
    private readonly join: boolean,
  ) {}

  /** Everything that must run before `node`: its inputs, and those of the rest of its group. */
  private *before(node: Node): Iterable<Node> {
    for (const member of this.groupOf.get(node)?.nodes ?? [node]) for (const input of member.inputs) yield input.node;
  }

  /** True when work outside of the two groups lies on a path from one of them to the other or back to itself. */
  private separated(a: Group, b: Group): boolean {
    const inside = (node: Node) => a.nodes.has(node) || b.nodes.has(node);
    const all = [...a.nodes, ...b.nodes];
    const oldest = all.reduce((id, node) => Math.min(id, node.id), Number.POSITIVE_INFINITY);
    const pending = all.flatMap((node) => node.inputs.map((input) => input.node)).filter((node) => !inside(node));
    const seen = new Set<Node>();
    while (pending.length) {
      const node = pending.pop() as Node;
      if (seen.has(node)) continue;
      seen.add(node);
      const members = this.groupOf.get(node)?.nodes ?? [node];
      for (const member of members) seen.add(member);
      for (const earlier of this.before(node)) {
        if (inside(earlier)) return true;
        if (earlier.id > oldest || this.groupOf.has(earlier)) pending.push(earlier);
      }
    }
    return false;
  }

  /** True when a result would be needed inside of the pass that ends with it. */
  private readsOwnEnd(a: Group, b: Group): boolean {
    const ends = (node: Node) => endsPass(node) && (a.nodes.has(node) || b.nodes.has(node));
    return [...a.nodes, ...b.nodes].some((node) => node.inputs.some((input) => ends(input.node)));
  }

  private fits(a: Group, b: Group): boolean {
    if (!sameShape(a.shape, b.shape) || a.nodes.size + b.nodes.size > maxNodes) return false;
    const union = new Set([...a.nodes, ...b.nodes]);
    if (operandsOf(union).length > maxOperands) return false;
    return !this.readsOwnEnd(a, b) && !this.separated(a, b);
  }

  private merge(a: Group, b: Group): Group {
    for (const node of b.nodes) {
      a.nodes.add(node);
      this.groupOf.set(node, a);
    }
    return a;
  }

  add(node: Node): void {
    let group: Group = { shape: walkedShape(node), nodes: new Set([node]) };
    this.groupOf.set(node, group);
    if (node.op.kind === 'reduction' || !this.join) return;
    for (const user of this.usersOf.get(node) ?? []) {
      const other = this.groupOf.get(user);
      if (other && other !== group && this.fits(group, other)) group = this.merge(other, group);
    }
  }
}

/**
 * Finds the groups.
 *
 * @param order all nodes of the program, inputs before users
 * @param join false leaves every node in a group of its own
 * @returns the group of every elementwise node and reduction
 */
export function fuse(order: readonly Node[], join = true): ReadonlyMap<Node, Group> {
  const usersOf = new Map<Node, Node[]>();
  for (const node of order) {
    for (const input of node.inputs) {
      const users = usersOf.get(input.node);
      if (users) users.push(node);
      else usersOf.set(input.node, [node]);
    }
  }
  const fuser = new Fuser(usersOf, join);
  for (const node of [...order].reverse()) if (isFusible(node)) fuser.add(node);
  return fuser.groupOf;
}

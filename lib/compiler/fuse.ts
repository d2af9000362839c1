/**
 * Groups elementwise nodes and reductions into single passes over memory. Walking from the last node to the first, a
 * node joins the groups of its users when they run over the same shape and no other work lies between. Then passes that
 * only fold are joined where they read the same values.
 */
import { dtypes, type Shape } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import { scalarConstant } from '../ops/source';
import { Precedence } from './precedence';

/** A set of nodes that one pass computes. */
export interface Group {
  /** The shape that the pass walks over. */
  readonly shape: Shape;
  readonly nodes: Set<Node>;
}

/** Limits that keep all registers of a pass in the first-level cache. */
export const maxOperands = 20;
export const maxNodes = 48;

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

/** A group that grows. */
interface Growing extends Group {
  /** Its number among the units of work. */
  readonly unit: number;
  /** The shape as text. */
  readonly walk: string;
  /** The shape that its reductions fold to, as text, if it has any: one pass folds one set of axes. */
  folded?: string;
  /** Members whose results the pass itself cannot read. */
  readonly ends: Set<Node>;
  /** Values that it reads, or more: those that several members read may be counted several times. */
  operands: number;
}

class Fuser {
  readonly groupOf = new Map<Node, Growing>();
  private readonly usersOf = new Map<Node, Node[]>();
  private readonly precedence: Precedence;

  constructor(private readonly order: readonly Node[]) {
    for (const node of order) {
      this.usersOf.set(node, []);
      for (const input of node.inputs) {
        const users = this.usersOf.get(input.node) as Node[];
        if (users.at(-1) !== node) users.push(node);
      }
    }
    this.precedence = new Precedence(order, this.usersOf);
  }

  private open(node: Node): Growing {
    const shape = walkedShape(node);
    const ends = new Set(endsPass(node) ? [node] : []);
    const folded = node.op.kind === 'reduction' ? (node.outputs[0] as Value).shape.join() : undefined;
    const nodes = new Set([node]);
    const operands = operandsOf(nodes).length;
    const group: Growing = {
      shape,
      nodes,
      unit: this.precedence.unitOf(node),
      walk: shape.join(),
      folded,
      ends,
      operands,
    };
    this.groupOf.set(node, group);
    return group;
  }

  /** True when a result would be needed inside of the pass that ends with it. */
  private readsOwnEnd(a: Growing, b: Growing): boolean {
    const isRead = (ends: ReadonlySet<Node>, by: Growing): boolean => {
      for (const end of ends) for (const user of this.usersOf.get(end) as Node[]) if (by.nodes.has(user)) return true;
      return false;
    };
    return isRead(a.ends, b) || isRead(b.ends, a);
  }

  private fits(a: Growing, b: Growing): boolean {
    if (a.walk !== b.walk || a.nodes.size + b.nodes.size > maxNodes) return false;
    if (a.folded !== undefined && b.folded !== undefined && a.folded !== b.folded) return false;
    if (this.readsOwnEnd(a, b) || this.precedence.separated(a, b)) return false;
    if (a.operands + b.operands <= maxOperands) return true;
    return operandsOf(new Set([...a.nodes, ...b.nodes])).length <= maxOperands;
  }

  /** Takes the nodes of `b` into `a`. */
  private merge(a: Growing, b: Growing): Growing {
    this.precedence.merge(a, b);
    for (const node of b.nodes) {
      a.nodes.add(node);
      this.groupOf.set(node, a);
    }
    for (const node of b.ends) a.ends.add(node);
    a.folded ??= b.folded;
    a.operands += b.operands;
    if (a.operands > maxOperands) a.operands = operandsOf(a.nodes).length;
    return a;
  }

  private add(node: Node): void {
    this.precedence.add(node);
    if (!isFusible(node)) return;
    let group = this.open(node);
    if (node.op.kind === 'reduction') return;
    for (const user of this.usersOf.get(node) as Node[]) {
      const other = this.groupOf.get(user);
      if (other && other !== group && this.fits(group, other)) group = this.merge(other, group);
    }
  }

  /** True when nothing but folds leaves the pass. */
  private onlyFolds(group: Growing): boolean {
    if (group.folded === undefined) return false;
    return [...group.nodes].every((node) => {
      const users = this.usersOf.get(node) as Node[];
      return node.op.kind === 'reduction' || (users.length > 0 && users.every((user) => group.nodes.has(user)));
    });
  }

  /** Joins the passes that only fold and walk over what `node` gives. */
  private joinFolds(node: Node): void {
    const walks = node.outputs.map(({ shape }) => shape.join());
    let first: Growing | undefined;
    for (const user of this.usersOf.get(node) as Node[]) {
      const group = this.groupOf.get(user);
      if (!group || group === first || !walks.includes(group.walk) || !this.onlyFolds(group)) continue;
      if (first && this.fits(first, group)) this.merge(first, group);
      else first ??= group;
    }
  }

  fuse(): ReadonlyMap<Node, Group> {
    for (const node of [...this.order].reverse()) if (node.op.kind !== 'source') this.add(node);
    for (const node of this.order) if ((this.usersOf.get(node) as Node[]).length > 1) this.joinFolds(node);
    return this.groupOf;
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
  if (join) return new Fuser(order).fuse();
  return new Map(order.filter(isFusible).map((node) => [node, { shape: walkedShape(node), nodes: new Set([node]) }]));
}

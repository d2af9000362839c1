/** What must run before what while units of work are merged: for every unit the set of those that follow it. */
import type { Node } from '../graph/value';

/** A unit of work: the nodes that run together, under the number of one of them. */
export interface Unit {
  readonly unit: number;
  readonly nodes: ReadonlySet<Node>;
}

/** A set of small whole numbers. */
class Bits {
  private readonly words: Uint32Array;

  constructor(size: number) {
    this.words = new Uint32Array((size >> 5) + 1);
  }

  has(i: number): boolean {
    return (((this.words[i >> 5] as number) >>> (i & 31)) & 1) === 1;
  }

  add(i: number): void {
    this.words[i >> 5] = (this.words[i >> 5] as number) | (1 << (i & 31));
  }

  remove(i: number): void {
    this.words[i >> 5] = (this.words[i >> 5] as number) & ~(1 << (i & 31));
  }

  /** Adds all of `other`; true when something was new. */
  join(other: Bits): boolean {
    let grown = 0;
    for (let i = 0; i < this.words.length; i++) {
      const [own, more] = [this.words[i] as number, other.words[i] as number];
      grown |= more & ~own;
      this.words[i] = own | more;
    }
    return grown !== 0;
  }
}

/** Nodes are added from the last to the first, each as a unit of its own. */
export class Precedence {
  private readonly numberOf = new Map<Node, number>();
  /** The unit of every node that was added, by number of the node. */
  private readonly units: Int32Array;
  /** The units that follow, by unit. */
  private readonly followers = new Map<number, Bits>();
  /** The unit that was added last: nothing runs before it yet. */
  private newest = -1;

  constructor(
    order: readonly Node[],
    private readonly usersOf: ReadonlyMap<Node, readonly Node[]>,
  ) {
    for (const [i, node] of order.entries()) this.numberOf.set(node, i);
    this.units = new Int32Array(order.length);
  }

  unitOf(node: Node): number {
    return this.units[this.numberOf.get(node) as number] as number;
  }

  private after(unit: number): Bits {
    return this.followers.get(unit) as Bits;
  }

  /** A new unit in front of all others; the users of `node` were added before. */
  add(node: Node): void {
    const number = this.numberOf.get(node) as number;
    const followers = new Bits(this.units.length);
    for (const user of this.usersOf.get(node) as readonly Node[]) {
      const unit = this.unitOf(user);
      if (followers.has(unit)) continue;
      followers.add(unit);
      followers.join(this.after(unit));
    }
    this.units[number] = number;
    this.followers.set(number, followers);
    this.newest = number;
  }

  /** True when another unit must run after `a` and before `b`. */
  private liesBetween(a: Unit, b: Unit): boolean {
    if (!this.after(a.unit).has(b.unit)) return false;
    for (const node of a.nodes) {
      for (const user of this.usersOf.get(node) as readonly Node[]) {
        const unit = this.unitOf(user);
        if (unit !== a.unit && unit !== b.unit && this.after(unit).has(b.unit)) return true;
      }
    }
    return false;
  }

  /** True when the two units cannot run as one. */
  separated(a: Unit, b: Unit): boolean {
    return this.liesBetween(a, b) || this.liesBetween(b, a);
  }

  /** Makes `b` a part of `a`; the caller moves the nodes. */
  merge(a: Unit, b: Unit): void {
    const followers = this.after(a.unit);
    const more = this.after(b.unit);
    more.remove(a.unit);
    followers.remove(b.unit);
    const grown = followers.join(more);
    this.followers.delete(b.unit);
    for (const node of b.nodes) this.units[this.numberOf.get(node) as number] = a.unit;
    if (!grown && b.unit === this.newest) return;
    for (const set of this.followers.values()) {
      if (set === followers) continue;
      const followsOther = set.has(b.unit);
      if (followsOther) {
        set.remove(b.unit);
        set.add(a.unit);
      }
      if (followsOther || (grown && set.has(a.unit))) set.join(followers);
    }
  }
}

/** How often each value of a graph is read. */
import type { Node, Value } from '../graph/value';

/** For every value the number of operands, and of roots, that it is. */
export function countUses(order: readonly Node[], roots: readonly Value[]): Map<Value, number> {
  const uses = new Map<Value, number>();
  for (const value of [...order.flatMap((node) => node.inputs), ...roots]) uses.set(value, (uses.get(value) ?? 0) + 1);
  return uses;
}

/** What depends on no feed: states count as fixed, so it is for graphs that update none. */
import type { Node } from '../graph/value';

/** The nodes that need no feed; `order` has inputs before users. */
export function fixedNodes(order: readonly Node[]): ReadonlySet<Node> {
  const fixed = new Set<Node>();
  for (const node of order) {
    if (node.op.name !== 'feed' && node.inputs.every((input) => fixed.has(input.node))) fixed.add(node);
  }
  return fixed;
}

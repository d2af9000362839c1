/**
 * Moves monotone elementwise work behind max pooling, where it meets fewer elements:
 * pool(max(x, c)) = max(pool(x), c) and pool(x + b) = pool(x) + b, exactly, since rounding is monotone too.
 * It runs before differentiation, so that the backward pass gains as well.
 */
import { makeNode, type Node, reachable, type Value } from '../graph/value';
import { scalarConstant } from '../ops/source';
import { countUses } from './uses';

/** True for an operand that is the same at every place of an image [N, H, W, C]. */
const perChannel = (operand: Value): boolean =>
  scalarConstant(operand) !== undefined || operand.shape.slice(0, -1).every((length) => length === 1);

/** The operand that is pooled when `node` grows with it and adds nothing that differs from place to place. */
function monotoneOperand(node: Node, pooled: Value): number {
  if (!['add', 'maximum', 'minimum'].includes(node.op.name)) return -1;
  return node.inputs.findIndex(
    (input, i) => input.shape.join() === pooled.shape.join() && perChannel(node.inputs[1 - i] as Value),
  );
}

/**
 * Rewrites everything that `roots` need.
 *
 * @returns for every value of the old graph its value in the new one
 */
export function commute(roots: readonly Value[]): (old: Value) => Value {
  const order = reachable(roots);
  const uses = countUses(order, roots);
  const replaced = new Map<Value, Value>();
  const now = (old: Value): Value => replaced.get(old) ?? old;

  /** pool(x) with what stood before the pool behind it; `x` and its only users are values of the old graph. */
  const pool = (node: Node, x: Value): Value => {
    const inner = x.node;
    const position = uses.get(x) === 1 ? monotoneOperand(inner, x) : -1;
    if (position < 0) return makeNode(node.op, [now(x)], node.attributes, node.outputs, node.path).outputs[0] as Value;
    const operands = inner.inputs.map(now);
    const pooled = pool(node, inner.inputs[position] as Value);
    operands[position] = pooled;
    return makeNode(inner.op, operands, inner.attributes, [pooled], inner.path).outputs[0] as Value;
  };

  let rebuilding = false;
  for (const node of order) {
    if (node.op.name === 'maxPool' && (uses.get(node.outputs[1] as Value) ?? 0) === 0) {
      const output = node.outputs[0] as Value;
      const made = pool(node, node.inputs[0] as Value);
      if (output.name !== undefined) made.name = output.name;
      replaced.set(output, made);
      rebuilding = true;
      continue;
    }
    if (!rebuilding || node.inputs.length === 0) continue;
    const rebuilt = makeNode(node.op, node.inputs.map(now), node.attributes, node.outputs, node.path);
    node.outputs.forEach((output, i) => {
      const made = rebuilt.outputs[i] as Value;
      if (output.name !== undefined) made.name = output.name;
      replaced.set(output, made);
    });
  }
  return now;
}

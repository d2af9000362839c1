/** Reverse-mode differentiation: gradients are built as ordinary graph values, so they can be differentiated again. */
import { broadcastShapes, stretchedAxes } from '../graph/broadcast';
import { expect, tracingAt } from '../graph/errors';
import { sameShape } from '../graph/tensor';
import { type Node, reachable, type Value } from '../graph/value';
import { add, broadcastTo } from './elementwise';
import { sum } from './reduce';
import { reshape } from './shape';

/** Nodes of `order` that depend on any value of `wrt`. */
function influenced(order: readonly Node[], wrt: readonly Value[]): Set<Node> {
  const targets = new Set(wrt);
  const found = new Set<Node>();
  for (const node of order) {
    const touched = (value: Value) => targets.has(value) || found.has(value.node);
    if (node.outputs.some((output) => targets.has(output)) || node.inputs.some(touched)) found.add(node);
  }
  return found;
}

/** Sums a gradient over the axes along which its value was stretched: the one place where broadcasting is undone. */
function sumToShape(gradient: Value, like: Value): Value {
  if (sameShape(gradient.shape, like.shape)) return gradient;
  const common = broadcastShapes('gradients', [gradient.shape, like.shape]);
  if (sameShape(common, like.shape)) return broadcastTo(gradient, like.shape);
  const axes = stretchedAxes(like.shape, gradient.shape);
  return reshape(axes.length ? sum(gradient, { axes }) : gradient, like.shape);
}

/** Adds a gradient to those that a value has gathered so far. */
function gather(into: Map<Value, Value>, value: Value, gradient: Value): void {
  const earlier = into.get(value);
  into.set(value, earlier ? add(earlier, gradient) : gradient);
}

/** Throws for a kernel that depends on floats but has no gradient rule: its gradient is not 0. */
function expectConstant({ op, inputs }: Node): void {
  const isConstant = op.kind !== 'kernel' || inputs.every((input) => input.dtype !== 'float32');
  expect(isConstant, 'OPTION', () => ({
    where: 'gradients',
    what: 'every op',
    expected: 'differentiable',
    actual: `${op.name}, which has no gradient rule`,
  }));
}

/** Calls the gradient rule of one node and adds its results to those that its inputs have gathered so far. */
function propagate(node: Node, live: Set<Node>, targets: Set<Value>, gathered: Map<Value, Value>): void {
  const upstream = node.outputs.map((output) => gathered.get(output) ?? null);
  if (upstream.every((gradient) => gradient === null)) return;
  const wanted = node.inputs.some((input) => live.has(input.node) || targets.has(input));
  if (!wanted) return;
  if (!node.op.gradient) {
    expectConstant(node);
    return;
  }
  const context = { inputs: node.inputs, outputs: node.outputs, attributes: node.attributes as never };
  const rule = node.op.gradient;
  const results = node.path ? tracingAt(node.path, () => rule(context, upstream)) : rule(context, upstream);
  const own = new Map<Value, Value>(); // an input that stands twice gathers both first: x x gives g x + g x
  node.inputs.forEach((input, i) => {
    const gradient = results[i];
    if (gradient && input.dtype === 'float32') gather(own, input, sumToShape(gradient, input));
  });
  for (const [input, gradient] of own) gather(gathered, input, gradient);
}

/**
 * The gradients with respect to each of `wrt`, or null for one without influence: nodes are visited in reverse order,
 * edge derivatives are multiplied along paths and summed over paths (Rumelhart, Hinton and Williams 1986).
 *
 * @param roots differentiated float32 values and the upstream gradient of each
 */
export function backpropagate(
  roots: readonly (readonly [of: Value, upstream: Value])[],
  wrt: readonly Value[],
): (Value | null)[] {
  const order = reachable(roots.map(([of]) => of));
  const live = influenced(order, wrt);
  const targets = new Set(wrt);
  const gathered = new Map<Value, Value>();
  for (const [of, upstream] of roots) gather(gathered, of, upstream);
  for (const node of order.reverse()) if (live.has(node)) propagate(node, live, targets, gathered);
  return wrt.map((value) => gathered.get(value) ?? null);
}

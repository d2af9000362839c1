/** Reverse-mode differentiation: gradients are built as ordinary graph values, so they can be differentiated again. */
import { broadcastShapes, stretchedAxes } from '../graph/broadcast';
import { complaint, expect, tracingAt } from '../graph/errors';
import { sameShape, showType, sizeOf } from '../graph/tensor';
import { type Node, reachable, type Value } from '../graph/value';
import { add, broadcastTo } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { reshape } from '../ops/shape';
import { constant } from '../ops/source';

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

/** Calls the gradient rule of one node and adds its results to those that its inputs have gathered so far. */
function propagate(node: Node, live: Set<Node>, targets: Set<Value>, gathered: Map<Value, Value>): void {
  const upstream = node.outputs.map((output) => gathered.get(output) ?? null);
  if (upstream.every((gradient) => gradient === null)) return;
  const wanted = node.inputs.some((input) => live.has(input.node) || targets.has(input));
  if (!wanted) return;
  if (!node.op.gradient) {
    const isConstant = node.op.kind !== 'kernel' || node.inputs.every((input) => input.dtype !== 'float32');
    expect(isConstant, 'OPTION', () => ({
      where: 'gradients',
      what: 'every op',
      expected: 'differentiable',
      actual: `${node.op.name}, which has no gradient rule`,
    }));
    return;
  }
  const context = { inputs: node.inputs, outputs: node.outputs, attributes: node.attributes as never };
  const rule = node.op.gradient;
  const results = node.path ? tracingAt(node.path, () => rule(context, upstream)) : rule(context, upstream);
  const own = new Map<Value, Value>(); // an input that stands twice gathers both first: x x gives g x + g x
  const gather = (into: Map<Value, Value>, input: Value, gradient: Value) => {
    const earlier = into.get(input);
    into.set(input, earlier ? add(earlier, gradient) : gradient);
  };
  node.inputs.forEach((input, i) => {
    const gradient = results[i];
    if (gradient && input.dtype === 'float32') gather(own, input, sumToShape(gradient, input));
  });
  for (const [input, gradient] of own) gather(gathered, input, gradient);
}

/**
 * The gradients of `of` with respect to each of `wrt`: nodes are visited in reverse order, edge derivatives are
 * multiplied along paths and summed over paths (Rumelhart, Hinton and Williams 1986).
 *
 * @param of a float32 value; a scalar unless `seed` is given
 * @param wrt values of the same graph; a value without influence gets zeros
 * @param seed the upstream gradient of `of`; default 1
 * @returns one value per entry of `wrt`, of its shape
 * @throws ConvoltError `SHAPE` when `of` is not a scalar and no seed is given, `DTYPE` when a value is not float32
 */
export function gradients(of: Value, wrt: readonly Value[], seed?: Value): Value[] {
  for (const value of [of, ...wrt]) {
    expect(value.dtype === 'float32', 'DTYPE', () => ({
      where: 'gradients',
      what: 'every value',
      expected: 'float32',
      actual: showType(value),
    }));
  }
  if (!seed && sizeOf(of.shape) !== 1) {
    throw complaint('SHAPE', {
      where: 'gradients',
      what: 'the differentiated value',
      expected: 'a scalar, or a seed to be given',
      actual: showType(of),
    });
  }
  const order = reachable([of]);
  const live = influenced(order, wrt);
  const targets = new Set(wrt);
  const gathered = new Map<Value, Value>([[of, seed ?? broadcastTo(constant(1), of.shape)]]);
  for (const node of order.reverse()) if (live.has(node)) propagate(node, live, targets, gathered);
  return wrt.map((value) => gathered.get(value) ?? broadcastTo(constant(0), value.shape));
}

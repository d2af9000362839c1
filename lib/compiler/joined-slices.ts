/** Parts that were put among zeros and added up are joined instead: the gradient of a value that was cut apart. */
import { sameShape } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import { concat } from '../ops/concat';

interface Part {
  readonly value: Value;
  readonly axis: number;
  readonly begin: number;
}

interface Placement {
  readonly begin: readonly number[];
  readonly step: readonly number[];
}

/** The terms of a sum of equal shapes, as far as they are sums. */
function termsOf(value: Value): Value[] {
  const { op, inputs } = value.node;
  const isSum = op.name === 'add' && inputs.every((input) => sameShape(input.shape, value.shape));
  return isSum ? inputs.flatMap(termsOf) : [value];
}

/** The part that `value` puts among zeros, cut along one axis. */
function partOf({ node, shape }: Value): Part | undefined {
  if (node.op.name !== 'sliceGrad') return undefined;
  const { begin, step } = node.attributes as unknown as Placement;
  const [value] = node.inputs as [Value];
  const axes = shape.flatMap((length, axis) => (value.shape[axis] === length ? [] : [axis]));
  const [axis] = axes;
  if (axes.length !== 1 || axis === undefined || step.some((distance) => distance !== 1)) return undefined;
  return { value, axis, begin: begin[axis] as number };
}

/** The value that replaces an `add` whose terms are parts that cover an axis without gap or overlap. */
export function joinedSlices(node: Node): Value | undefined {
  const output = node.outputs[0] as Value;
  if (!node.inputs.some((input) => input.node.op.name === 'sliceGrad')) return undefined;
  const parts = termsOf(output).map(partOf);
  const [first] = parts;
  if (!first || parts.some((part) => part?.axis !== first.axis)) return undefined;
  const sorted = (parts as Part[]).sort((a, b) => a.begin - b.begin);
  let end = 0;
  for (const { begin, value } of sorted) {
    if (begin !== end) return undefined;
    end += value.shape[first.axis] as number;
  }
  if (end !== output.shape[first.axis]) return undefined;
  return concat(
    sorted.map(({ value }) => value),
    { axis: first.axis },
  );
}

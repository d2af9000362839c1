/**
 * Joins the convolutions of inverted bottlenecks (1x1 to many channels, one filter per channel, 1x1 to few) into one
 * kernel, so that the many channels never leave the cache.
 */
import { tracingAt } from '../graph/errors';
import { sameShape, sizeOf } from '../graph/tensor';
import { makeNode, type Node, reachable, type Value } from '../graph/value';
import { type Clip, type Expansion, invertedBottleneck, unbounded } from '../ops/inverted-bottleneck';
import { reshape } from '../ops/shape';
import { constant, scalarConstant } from '../ops/source';
import type { Sliding } from '../ops/window';
import { countUses } from './uses';

/** A convolution with what stands behind it: y = clip(conv(x, w) + bias). */
interface Stage {
  readonly node: Node;
  readonly x: Value;
  readonly weights: Value;
  readonly bias?: Value;
  readonly clip: Clip;
}

type Conv2dAttributes = Sliding & { readonly groups: number };

const isOne = (numbers: readonly number[]): boolean => numbers.every((number) => number === 1);

const isPointwise = ({ node, weights }: Stage): boolean => {
  const { stride, padding, groups } = node.attributes as Conv2dAttributes;
  return groups === 1 && isOne(stride) && isOne(weights.shape.slice(0, 2)) && padding.every((side) => side === 0);
};

const isDepthwise = ({ node, x, weights }: Stage): boolean =>
  (node.attributes as Conv2dAttributes).groups === x.shape[3] && weights.shape[3] === x.shape[3];

class Fuser {
  private readonly made = new Map<Value, Value>();

  constructor(private readonly uses: ReadonlyMap<Value, number>) {}

  now = (old: Value): Value => this.made.get(old) ?? old;

  /** The operand of `value` that is not a number, where it has one and is its only user; and the number. */
  private peeled(value: Value, op: string): { inner: Value; number: number } | undefined {
    if (value.node.op.name !== op || this.uses.get(value) !== 1) return undefined;
    for (const position of [0, 1]) {
      const number = scalarConstant(value.node.inputs[position] as Value);
      const inner = value.node.inputs[1 - position] as Value;
      if (number !== undefined && sameShape(inner.shape, value.shape)) return { inner, number };
    }
    return undefined;
  }

  /** The summand of a sum that is one number for each channel. */
  private biased(value: Value): { inner: Value; bias?: Value } {
    if (value.node.op.name !== 'add' || this.uses.get(value) !== 1) return { inner: value };
    for (const position of [0, 1]) {
      const bias = value.node.inputs[position] as Value;
      const inner = value.node.inputs[1 - position] as Value;
      const isVector = sizeOf(bias.shape) === value.shape[3] && bias.shape.at(-1) === value.shape[3];
      if (isVector && sameShape(inner.shape, value.shape)) return { inner, bias };
    }
    return { inner: value };
  }

  /** The stage that gives `value`, which nothing else reads. */
  private stage(value: Value): Stage | undefined {
    const high = this.peeled(value, 'minimum');
    const low = this.peeled(high?.inner ?? value, 'maximum');
    const { inner, bias } = this.biased(low?.inner ?? high?.inner ?? value);
    if (inner.node.op.name !== 'conv2d' || this.uses.get(inner) !== 1) return undefined;
    const [x, weights] = inner.node.inputs as [Value, Value];
    return { node: inner.node, x, weights, bias, clip: [low?.number ?? unbounded[0], high?.number ?? unbounded[1]] };
  }

  private biasOf({ bias, weights }: Stage): Value {
    const channels = weights.shape[3] as number;
    if (bias) return reshape(this.now(bias), [channels]);
    return constant({ dtype: 'float32', shape: [channels], data: new Float32Array(channels) });
  }

  /** The bottleneck that ends with `project`, a convolution. */
  private bottleneck(project: Stage): Value | undefined {
    const filter = isPointwise(project) ? this.stage(project.x) : undefined;
    if (!filter || !isDepthwise(filter)) return undefined;
    const wide = this.stage(filter.x);
    const expand = wide && isPointwise(wide) ? wide : undefined;
    const expansion: Expansion | undefined = expand && {
      weights: this.now(expand.weights),
      bias: this.biasOf(expand),
      clip: expand.clip,
    };
    const { stride, padding, dilation } = filter.node.attributes as Conv2dAttributes;
    const { clip } = filter;
    return invertedBottleneck(
      this.now(expand?.x ?? filter.x),
      expansion,
      { weights: this.now(filter.weights), bias: this.biasOf(filter), clip, stride, padding, dilation },
      this.now(project.weights),
    );
  }

  add(node: Node): void {
    if (node.inputs.length === 0) return;
    const [x, weights] = node.inputs as [Value, Value];
    const stage: Stage = { node, x, weights, clip: unbounded };
    const joined = node.op.name === 'conv2d' ? tracingAt(node.path ?? '', () => this.bottleneck(stage)) : undefined;
    const outputs = joined
      ? [joined]
      : makeNode(node.op, node.inputs.map(this.now), node.attributes, node.outputs, node.path).outputs;
    node.outputs.forEach((output, i) => {
      const value = outputs[i] as Value;
      if (output.name !== undefined) value.name = output.name;
      this.made.set(output, value);
    });
  }
}

/**
 * Rewrites everything that `roots` need; the result has no gradient.
 *
 * @returns for every value of the old graph that is still there its value in the new one
 */
export function fuseBottlenecks(roots: readonly Value[]): (old: Value) => Value {
  const order = reachable(roots);
  const fuser = new Fuser(countUses(order, roots));
  for (const node of order) fuser.add(node);
  return fuser.now;
}

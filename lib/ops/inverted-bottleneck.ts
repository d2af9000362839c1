/** The convolutions of an inverted bottleneck as one kernel that keeps what lies between them in the cache. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import { expect } from '../graph/errors';
import { type Shape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { conv2d } from './conv2d';
import { add, maximum, minimum } from './elementwise';
import { encodeSliding, outputSizes, type Sliding } from './window';

/** The least and the largest number that a stage hands on. */
export type Clip = readonly [low: number, high: number];

/** The `Clip` that hands on every number. */
export const unbounded: Clip = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** A 1x1 convolution to many channels. */
export interface Expansion {
  /** [1, 1, C, E] */
  readonly weights: Value;
  /** [E] */
  readonly bias: Value;
  readonly clip: Clip;
}

/** A filter for each channel, which slides over the image. */
export interface ChannelFilter extends Sliding {
  /** [kh, kw, 1, E] */
  readonly weights: Value;
  /** [E] */
  readonly bias: Value;
  readonly clip: Clip;
}

type BottleneckAttributes = Sliding & { readonly expansionClip: Clip | null; readonly filterClip: Clip };

/** The operands x, [w1, b1], w2, b2, w3 by role. */
function parts(inputs: readonly Value[]) {
  const [x, ...weights] = inputs as [Value, ...Value[]];
  const [project, filterBias, filter, bias, expand] = weights.reverse() as [Value, Value, Value, Value?, Value?];
  return { x, expand, bias, filter, filterBias, project };
}

const clipped = (x: Value, bias: Value, [low, high]: Clip): Value => {
  const raised = low === unbounded[0] ? add(x, bias) : maximum(add(x, bias), low);
  return high === unbounded[1] ? raised : minimum(raised, high);
};

/** e = clip(x w1 + b1), d = clip(filter(e, w2) + b2), y = d w3; without expansion e = x. */
const bottleneckOp = defineOp<BottleneckAttributes>({
  name: 'invertedBottleneck',
  kind: 'kernel',
  tail: true,
  infer: (inputs, attributes) => {
    const { x, expand, bias, filter, filterBias, project } = parts(inputs);
    for (const value of inputs) expectDType('invertedBottleneck', 'every operand', value, 'float32');
    for (const value of [x, filter, project]) expectRank('invertedBottleneck', 'every operand', value, 4, 'rank 4');
    const [n, , , channels] = x.shape as [number, number, number, number];
    const [height, width, , expanded] = filter.shape as [number, number, number, number];
    const wanted: [string, Value | undefined, Shape][] = [
      ['the weights of the expansion', expand, [1, 1, channels, expanded]],
      ['the bias of the expansion', bias, [expanded]],
      ['the filters', filter, [height, width, 1, expand ? expanded : channels]],
      ['the bias of the filters', filterBias, [expanded]],
      ['the weights of the projection', project, [1, 1, expanded, project.shape[3] as number]],
    ];
    for (const [what, value, shape] of wanted) {
      expect(!value || value.shape.join() === shape.join(), 'SHAPE', () => ({
        where: 'invertedBottleneck',
        what,
        expected: showShape(shape),
        actual: showShape((value as Value).shape),
      }));
    }
    expect((expand !== undefined) === (attributes.expansionClip !== null), 'SHAPE', () => ({
      where: 'invertedBottleneck',
      what: 'the operands',
      expected: attributes.expansionClip ? '6' : '4',
      actual: `${inputs.length}`,
    }));
    const sizes = outputSizes('invertedBottleneck', x.shape, [height, width], attributes);
    return { dtype: 'float32', shape: [n, ...sizes, project.shape[3] as number] };
  },
  encode: (attributes) => [
    ...encodeSliding(attributes),
    attributes.expansionClip ? 1 : 0,
    ...(attributes.expansionClip ?? unbounded),
    ...attributes.filterClip,
  ],
  define: (inputs, { stride, padding, dilation, expansionClip, filterClip }) => {
    const { x, expand, bias, filter, filterBias, project } = parts(inputs);
    const expanded = expand ? clipped(conv2d(x, expand), bias as Value, expansionClip as Clip) : x;
    const groups = expanded.shape[3] as number;
    const filtered = conv2d(expanded, filter, { stride, padding, dilation, groups });
    return conv2d(clipped(filtered, filterBias, filterClip), project);
  },
});

/**
 * Expansion, filter and projection of an inverted bottleneck (Sandler et al. 2018), or the last two, which make a
 * depthwise separable convolution (Howard et al. 2017). It has no gradient: the inference compiler puts it in.
 *
 * @param x images [N, H, W, C]
 * @param project weights [1, 1, E, K]
 * @returns [N, OH, OW, K]
 * @throws ConvoltError `SHAPE` when the operands do not fit together
 */
export function invertedBottleneck(
  x: Value,
  expansion: Expansion | undefined,
  filter: ChannelFilter,
  project: Value,
): Value {
  const { stride, padding, dilation } = filter;
  const widened = expansion ? [expansion.weights, expansion.bias] : [];
  return bottleneckOp([x, ...widened, filter.weights, filter.bias, project], {
    stride,
    padding,
    dilation,
    expansionClip: expansion?.clip ?? null,
    filterClip: filter.clip,
  }).outputs[0] as Value;
}

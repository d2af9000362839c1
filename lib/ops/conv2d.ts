/** Convolution of images and its two gradients, which are each other's adjoints. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { type Shape, sameShape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import {
  type ConvolutionAlgorithm,
  convolutionAlgorithm,
  convolutionAlgorithms,
  expectAlgorithm,
} from './convolution-algorithm';
import { convolvedShape } from './convolved-shape';
import { encodeSliding, type Pair, resolveSliding, type Sliding, type SlidingOptions } from './window';

/** How the weights slide over the image; with `groups`, each group of channels has filters of its own. */
export interface Conv2dOptions extends SlidingOptions {
  /** Default 1. As many groups as channels make a depthwise convolution. */
  groups?: number;
  /** Default: the algorithm of `setConvolutionAlgorithm`, which is `auto`. */
  algorithm?: ConvolutionAlgorithm;
}

/** Explicit options of the three ops. */
type Conv2dAttributes = Sliding & { readonly groups: number; readonly algorithm: ConvolutionAlgorithm };

const encode = (attributes: Conv2dAttributes): number[] => [
  ...encodeSliding(attributes),
  attributes.groups,
  convolutionAlgorithms.indexOf(attributes.algorithm),
];

function expectImages(where: string, what: string, value: Value, letters: string): void {
  expectDType(where, what, value, 'float32');
  expectRank(where, what, value, 4, letters);
}

/** Checks that `gy` has the shape of the output of x and w. */
function expectOutput(where: string, gy: Value, x: Shape, w: Shape, attributes: Conv2dAttributes): void {
  expectImages(where, 'the gradient', gy, '[N, OH, OW, K]');
  const y = convolvedShape(where, x, w, attributes);
  expect(sameShape(gy.shape, y), 'SHAPE', () => ({
    where,
    what: 'the gradient',
    expected: showShape(y),
    actual: showShape(gy.shape),
    details: { input: showShape(x), weights: showShape(w) },
  }));
}

/** y[n, i, j, k] = sum over u, v, c of x[n, i*s + u*d - p, j*s + v*d - p, c] * w[u, v, c, k]. */
const conv2dOp = defineOp<Conv2dAttributes>({
  name: 'conv2d',
  kind: 'kernel',
  tail: true,
  infer: (inputs, attributes) => {
    const [x, w] = inputs as [Value, Value];
    expectImages('conv2d', 'the input', x, '[N, H, W, C]');
    expectImages('conv2d', 'the weights', w, '[kh, kw, C / groups, K]');
    return { dtype: 'float32', shape: convolvedShape('conv2d', x.shape, w.shape, attributes) };
  },
  gradient: ({ inputs, attributes }, [g]) => {
    const [x, w] = inputs as [Value, Value];
    return g ? [gradInput(g, w, attributes, x.shape), gradWeights(x, g, attributes, w.shape)] : [null, null];
  },
  encode,
});

/** gx[n, h, w, c] = sum of gy[n, i, j, k] * w[u, v, c, k] over the i, u and j, v that meet at h and w. */
const gradInputOp = defineOp<Conv2dAttributes & { inputShape: Shape }>({
  name: 'conv2dGradInput',
  kind: 'kernel',
  tail: true,
  infer: (inputs, attributes) => {
    const [gy, w] = inputs as [Value, Value];
    expectImages('conv2dGradInput', 'the weights', w, '[kh, kw, C / groups, K]');
    expectOutput('conv2dGradInput', gy, attributes.inputShape, w.shape, attributes);
    return { dtype: 'float32', shape: attributes.inputShape };
  },
  gradient: ({ inputs, attributes }, [g]) => {
    const [gy, w] = inputs as [Value, Value];
    return g ? [convolve(g, w, attributes), gradWeights(g, gy, attributes, w.shape)] : [null, null];
  },
  encode,
});

/** gw[u, v, c, k] = sum over n, i, j of x[n, i*s + u*d - p, j*s + v*d - p, c] * gy[n, i, j, k]. */
const gradWeightsOp = defineOp<Conv2dAttributes & { weightShape: Shape }>({
  name: 'conv2dGradWeights',
  kind: 'kernel',
  infer: (inputs, attributes) => {
    const [x, gy] = inputs as [Value, Value];
    expectImages('conv2dGradWeights', 'the input', x, '[N, H, W, C]');
    expectOutput('conv2dGradWeights', gy, x.shape, attributes.weightShape, attributes);
    return { dtype: 'float32', shape: attributes.weightShape };
  },
  gradient: ({ inputs, attributes }, [g]) => {
    const [x, gy] = inputs as [Value, Value];
    return g ? [gradInput(gy, g, attributes, x.shape), convolve(x, g, attributes)] : [null, null];
  },
  encode,
});

const sliding = ({ stride, padding, dilation, groups, algorithm }: Conv2dAttributes) => ({
  stride,
  padding,
  dilation,
  groups,
  algorithm,
});

const convolve = (x: Value, w: Value, attributes: Conv2dAttributes): Value =>
  conv2dOp([x, w], sliding(attributes)).outputs[0] as Value;

const gradInput = (gy: Value, w: Value, attributes: Conv2dAttributes, inputShape: Shape): Value =>
  gradInputOp([gy, w], { ...sliding(attributes), inputShape }).outputs[0] as Value;

const gradWeights = (x: Value, gy: Value, attributes: Conv2dAttributes, weightShape: Shape): Value =>
  gradWeightsOp([x, gy], { ...sliding(attributes), weightShape }).outputs[0] as Value;

/**
 * Two-dimensional convolution (cross-correlation, as in every framework; the weights are not turned).
 *
 * @param x images [N, H, W, C]
 * @param w weights [kh, kw, C / groups, K]
 * @returns [N, OH, OW, K]; OH = floor((H + top + bottom - dilation * (kh - 1) - 1) / stride) + 1, OW likewise
 * @throws ConvoltError `SHAPE` when the channels do not fit or the window is larger than the padded image; `VALUE`
 *   when an option is not a whole number in its range; `OPTION` for unknown options
 * @example conv2d(images, weights, { padding: 'same', stride: 2 })
 */
export function conv2d(x: Value, w: Value, options: Conv2dOptions = {}): Value {
  expectOptions('conv2d', options, ['stride', 'padding', 'dilation', 'groups', 'algorithm']);
  expectImages('conv2d', 'the input', x, '[N, H, W, C]');
  expectImages('conv2d', 'the weights', w, '[kh, kw, C / groups, K]');
  const { groups = 1 } = options;
  const algorithm = expectAlgorithm('conv2d', options.algorithm ?? convolutionAlgorithm());
  expectWhole('conv2d', 'the number of groups', groups, 1);
  const window = w.shape.slice(0, 2) as unknown as Pair;
  return convolve(x, w, { ...resolveSliding('conv2d', x.shape, window, options), groups, algorithm });
}

/** The adjoint of `conv2d` in x, of explicit attributes: what `conv2dTranspose` is made of. */
export { gradInput as conv2dGradInput };

/** Convolutions of images: plain and grouped, depthwise, and depthwise followed by 1 x 1. */
import { expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { conv2d as convolve, type Conv2dOptions as Geometry } from '../ops/conv2d';
import { expectAlgorithm } from '../ops/convolution-algorithm';
import { type Pair, resolvePair } from '../ops/window';
import { type AffineOptions, affineOptions, finish, weightOf } from './affine';
import { type Layer, layer } from './layer';

/** `stride`, `padding`, `dilation`, `groups` and `algorithm` are those of the op `conv2d`. */
export type Conv2dOptions = Geometry & AffineOptions;

function channelsOf(where: string, x: Value): number {
  expectRank(where, 'the input', x, 4, '[N, H, W, C]');
  return x.shape[3] as number;
}

/**
 * y = activation(x * w + b), the sum over a window around each pixel: [N, H, W, C] to [N, H', W', filters].
 *
 * Parameters: `weight` [kernel height, kernel width, C / groups, filters], `bias` [filters].
 *
 * @param kernel pixels of a side, or [height, width]
 * @throws ConvoltError `SHAPE` while tracing when x is not an image or `groups` does not divide channels and filters
 * @example conv2d(32, 3, { padding: 'same', bias: false })
 */
export function conv2d(filters: number, kernel: number | Pair, options: Conv2dOptions = {}): Layer {
  expectWhole('conv2d', 'the number of filters', filters, 1);
  const size = resolvePair('conv2d', 'the kernel', kernel, 1);
  expectOptions('conv2d', options, ['stride', 'padding', 'dilation', 'groups', 'algorithm', ...affineOptions]);
  const { stride, padding, dilation, groups = 1, algorithm } = options;
  expectWhole('conv2d', 'groups', groups, 1);
  if (algorithm !== undefined) expectAlgorithm('conv2d', algorithm);
  return layer('conv2d', (x, scope) => {
    const channels = channelsOf('conv2d', x);
    expect(channels % groups === 0 && filters % groups === 0, 'SHAPE', () => ({
      where: 'conv2d',
      what: 'channels and filters',
      expected: `multiples of groups = ${groups}`,
      actual: `${channels} and ${filters}`,
      details: { input: showType(x) },
    }));
    const weight = weightOf(scope, [...size, channels / groups, filters], options);
    return finish(convolve(x, weight, { stride, padding, dilation, groups, algorithm }), scope, options);
  });
}

/** Options of a depthwise convolution: those of `conv2d` but `groups` and `algorithm`, and the filters per channel. */
export type DepthwiseConv2dOptions = Omit<Conv2dOptions, 'groups' | 'algorithm'> & { readonly multiplier?: number };

const depthwiseOptions = ['stride', 'padding', 'dilation', 'multiplier', ...affineOptions];

/**
 * Every channel by filters of its own: [N, H, W, C] to [N, H', W', C * multiplier].
 *
 * Parameters: `weight` [kernel height, kernel width, 1, C * multiplier], `bias` [C * multiplier].
 *
 * @param options.multiplier filters per channel; default 1
 * @example depthwiseConv2d(3, { padding: 'same', multiplier: 2 })
 */
export function depthwiseConv2d(kernel: number | Pair, options: DepthwiseConv2dOptions = {}): Layer {
  const size = resolvePair('depthwiseConv2d', 'the kernel', kernel, 1);
  expectOptions('depthwiseConv2d', options, depthwiseOptions);
  const { stride, padding, dilation, multiplier = 1 } = options;
  expectWhole('depthwiseConv2d', 'the multiplier', multiplier, 1);
  return layer('depthwiseConv2d', (x, scope) => {
    const groups = channelsOf('depthwiseConv2d', x);
    const weight = weightOf(scope, [...size, 1, groups * multiplier], options);
    return finish(convolve(x, weight, { stride, padding, dilation, groups }), scope, options);
  });
}

/**
 * A depthwise convolution and a 1 x 1 convolution: close to `conv2d` at 1 / filters + 1 / kernel^2 of its
 * multiplications (Howard et al. 2017, MobileNets).
 *
 * Parameters: `depthwise.weight`, `pointwise.weight`, `pointwise.bias`.
 *
 * @example separableConv2d(64, 3, { padding: 'same' })
 */
export function separableConv2d(filters: number, kernel: number | Pair, options: DepthwiseConv2dOptions = {}): Layer {
  expectOptions('separableConv2d', options, depthwiseOptions);
  const { stride, padding, dilation, multiplier, ...affine } = options;
  const { weightInitializer } = affine;
  const depthwise = depthwiseConv2d(kernel, { stride, padding, dilation, multiplier, weightInitializer, bias: false });
  const pointwise = conv2d(filters, 1, affine);
  return layer('separableConv2d', (x, scope) => pointwise(depthwise(x, scope, 'depthwise'), scope, 'pointwise'));
}

/** Transposed convolution: the adjoint of a convolution as an op of its own, which makes images larger. */
import { expectDType, expectRank } from '../graph/define-op';
import { complaint, expect, expectOptions } from '../graph/errors';
import { showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { type Conv2dOptions, conv2dGradInput } from './conv2d';
import { type ConvolutionAlgorithm, convolutionAlgorithm, expectAlgorithm } from './convolution-algorithm';
import { pad } from './pad';
import { type Pair, resolvePair, resolveSliding, type Sliding } from './window';

/** The options of the convolution whose adjoint is taken, and what to add to its output. */
export interface Conv2dTransposeOptions extends Conv2dOptions {
  /**
   * Rows and columns added at the bottom and right, below the stride or the dilation; default 0. Not with the padding
   * `'same'`, which makes OH = stride * H.
   */
  outputPadding?: number | Pair;
}

/** The names of all options. */
export const conv2dTransposeOptions = [
  'stride',
  'padding',
  'dilation',
  'groups',
  'algorithm',
  'outputPadding',
] as const;

function expectOperands(x: Value, w: Value, groups: number): void {
  const where = 'conv2dTranspose';
  for (const [what, value, letters] of [
    ['the input', x, '[N, H, W, C]'],
    ['the weights', w, '[kh, kw, K / groups, C]'],
  ] as const) {
    expectDType(where, what, value, 'float32');
    expectRank(where, what, value, 4, letters);
  }
  const channels = x.shape[3] as number;
  expect(channels % groups === 0, 'SHAPE', () => ({
    where,
    what: 'the channels',
    expected: `divisible by ${groups} groups`,
    actual: String(channels),
    details: { input: showShape(x.shape), weights: showShape(w.shape) },
  }));
  expect(w.shape[3] === channels, 'SHAPE', () => ({
    where,
    what: 'the weights',
    expected: `[kh, kw, K / groups, ${channels}] for ${channels} channels`,
    actual: showShape(w.shape),
    details: { input: showShape(x.shape) },
  }));
}

/** The pixels that a window covers. */
const extentOf = (window: Pair, { dilation }: Sliding, axis: 0 | 1): number => dilation[axis] * (window[axis] - 1) + 1;

/** Rows and columns to add at the end of both axes. */
function resolveOutputPadding(window: Pair, sliding: Sliding, options: Conv2dTransposeOptions): Pair {
  const { stride, dilation } = sliding;
  const where = 'conv2dTranspose';
  if (options.padding === 'same') {
    expect(options.outputPadding === undefined, 'OPTION', () => ({
      where,
      what: 'outputPadding',
      expected: "left out with the padding 'same'",
      actual: JSON.stringify(options.outputPadding),
    }));
    const missing = (axis: 0 | 1) => Math.max(stride[axis] - extentOf(window, sliding, axis), 0);
    return [missing(0), missing(1)];
  }
  const pair = resolvePair(where, 'outputPadding', options.outputPadding ?? 0, 0);
  const limit = ([0, 1] as const).map((axis) => Math.max(stride[axis], dilation[axis]));
  if (pair[0] < (limit[0] as number) && pair[1] < (limit[1] as number)) return pair;
  const expected = `below the stride or the dilation, ${showShape(limit)}`;
  throw complaint('VALUE', { where, what: 'outputPadding', expected, actual: showShape(pair) });
}

/**
 * Transposed convolution ("deconvolution"; Zeiler et al. 2010): every pixel of x adds its multiple of the weights to the
 * output. It is the adjoint of `conv2d` with the same options, whose weights it takes as they are:
 * y[n, i*s + u*d - p, j*s + v*d - p, k] += x[n, i, j, c] * w[u, v, k, c].
 *
 * @param x images [N, H, W, C]
 * @param w weights [kh, kw, K / groups, C]
 * @param options.stride pixels of y from one pixel of x to the next; default 1
 * @param options.padding what is cut off at the borders, as in the convolution; `'same'` makes OH = stride * H. Default
 *   `'valid'`
 * @returns [N, OH, OW, K]; OH = (H - 1) * stride + dilation * (kh - 1) + 1 - top - bottom + outputPadding, OW likewise
 * @throws ConvoltError `SHAPE` when the channels do not fit or nothing is left of the output; `VALUE` when an option is
 *   not a whole number in its range; `OPTION` for unknown options, or outputPadding with the padding 'same'
 * @example conv2dTranspose(maps, weights, { stride: 2, padding: 1 }) // 4x4 weights: twice as high and wide
 */
export function conv2dTranspose(x: Value, w: Value, options: Conv2dTransposeOptions = {}): Value {
  const where = 'conv2dTranspose';
  expectOptions(where, options, conv2dTransposeOptions);
  const { groups = 1 } = options;
  expectWhole(where, 'the number of groups', groups, 1);
  const algorithm = expectAlgorithm(where, options.algorithm ?? convolutionAlgorithm());
  expectOperands(x, w, groups);
  const [n, height, width] = x.shape as [number, number, number, number];
  const [kh, kw, filters] = w.shape as [number, number, number, number];
  for (const size of [kh, kw, filters]) expectWhole(where, 'every size of the weights', size, 1);
  const window: Pair = [kh, kw];
  const stride = resolvePair(where, 'the stride', options.stride ?? 1, 1);
  const largest = [n, height * stride[0], width * stride[1], filters * groups];
  const sliding = resolveSliding(where, largest, window, options);
  const added = resolveOutputPadding(window, sliding, options);
  return scattered(x, w, { ...sliding, groups, algorithm }, added);
}

type Attributes = Sliding & { readonly groups: number; readonly algorithm: ConvolutionAlgorithm };

/**
 * The adjoint of a convolution with `added` less padding at the bottom and right, where there is so much; the rest of
 * `added` no pixel of x reaches.
 */
function scattered(x: Value, w: Value, attributes: Attributes, added: Pair): Value {
  const { stride, padding, groups } = attributes;
  const [top, bottom, left, right] = padding;
  const window = w.shape.slice(0, 2) as unknown as Pair;
  const covered: Pair = [Math.min(added[0], bottom), Math.min(added[1], right)];
  const border = [top, bottom - covered[0], left, right - covered[1]] as const;
  const along = (axis: 0 | 1): number =>
    ((x.shape[axis + 1] as number) - 1) * stride[axis] +
    extentOf(window, attributes, axis) -
    (border[2 * axis] as number) -
    (border[2 * axis + 1] as number);
  const inputShape = [x.shape[0] as number, along(0), along(1), (w.shape[2] as number) * groups];
  expect(Math.min(along(0), along(1)) >= 1, 'SHAPE', () => ({
    where: 'conv2dTranspose',
    what: 'the padding',
    expected: 'to leave one pixel at least',
    actual: showShape(padding),
    details: { input: showShape(x.shape), weights: showShape(w.shape) },
  }));
  const y = conv2dGradInput(x, w, { ...attributes, padding: border }, inputShape);
  return pad(y, { before: [0, 0, 0, 0], after: [0, added[0] - covered[0], added[1] - covered[1], 0] });
}

/** Convolutions of +-1. */
import { binarySign } from '../functions/binary-sign';
import { expectRank } from '../graph/define-op';
import { expect } from '../graph/errors';
import { tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { conv2d as convolve } from '../ops/conv2d';
import { abs } from '../ops/elementwise';
import { pad } from '../ops/pad';
import { mean } from '../ops/reduce';
import { constant } from '../ops/source';
import { type Pair, resolvePair, resolveSliding, type Sliding, type SlidingOptions } from '../ops/window';
import { finish } from './affine';
import {
  type BinaryAffineOptions,
  binaryWeightOf,
  expectBinaryOptions,
  hasBinaryInput,
  hasScaleMap,
  rescaled,
} from './binary-affine';
import { type Layer, layer } from './layer';

/** `stride`, `padding` and `dilation` are those of the op `conv2d`. */
export type BinaryConv2dOptions = SlidingOptions &
  BinaryAffineOptions & {
    /** Of `bnn` and `xnor`: what stands around the signs of the input, 0 (default), 1 or -1. */
    readonly paddingValue?: 0 | 1 | -1;
  };

/** The signs of x with numbers other than 0 around them already, and what remains to be done by the convolution. */
function bordered(signs: Value, sliding: Sliding, paddingValue: number): { image: Value; sliding: Sliding } {
  if (paddingValue === 0) return { image: signs, sliding };
  const [top, bottom, left, right] = sliding.padding;
  const image = pad(signs, { before: [0, top, left, 0], after: [0, bottom, right, 0], value: paddingValue });
  return { image, sliding: { ...sliding, padding: [0, 0, 0, 0] } };
}

/** K: the mean of |x| over channels and window, 0 beyond the border, at every place of the result: [N, H', W', 1]. */
export function scaleMapOf(x: Value, kernel: Pair, sliding: Sliding): Value {
  const [height, width] = kernel;
  const box = tensor(new Float32Array(height * width).fill(1 / (height * width)), [height, width, 1, 1]);
  return convolve(mean(abs(x), { axes: -1, keepDims: true }), constant(box), sliding);
}

/**
 * y = activation(alpha K (x * B) + b): [N, H, W, C] to [N, H', W', filters], B the signs of the weights; `method` says
 * whether x is its sign and which of the factors there are.
 *
 * Parameters: `weight` [kernel height, kernel width, C, filters], real numbers from -1 to 1, and `bias` [filters] if asked
 * for (default: none). XNOR-Net has the order batch normalisation, sign, convolution, pooling. Networks keep their first
 * and last layer real: use `conv2d` and `dense` there. `compress.binarize` makes bits of the trained layer; where the
 * input is +-1, the sums are whole numbers and are computed as such here too.
 *
 * @param kernel pixels of a side, or [height, width]
 * @throws ConvoltError `OPTION` for an option that the method does not have; `SHAPE` while tracing when x is not an image
 * @example sequential(batchNorm(), binaryConv2d(64, 3, { padding: 'same' }), maxPool(2))
 */
export function binaryConv2d(filters: number, kernel: number | Pair, options: BinaryConv2dOptions = {}): Layer {
  expectWhole('binaryConv2d', 'the number of filters', filters, 1);
  const size = resolvePair('binaryConv2d', 'the kernel', kernel, 1);
  const { stride, padding, dilation, paddingValue = 0, ...rest } = options;
  expectBinaryOptions('binaryConv2d', rest);
  const isBinary = hasBinaryInput(rest);
  const isAllowed = paddingValue === 0 || (isBinary && [1, -1].includes(paddingValue));
  expect(isAllowed, 'VALUE', () => ({
    where: 'binaryConv2d',
    what: 'the padding value',
    expected: isBinary ? '0, 1 or -1' : '0 around a real input',
    actual: String(paddingValue),
  }));
  const { bias = false, surrogate } = rest;
  return layer('binaryConv2d', (x, scope) => {
    expectRank('binaryConv2d', 'the input', x, 4, '[N, H, W, C]');
    const given = resolveSliding('binaryConv2d', x.shape, size, { stride, padding, dilation });
    const { weight, scale } = binaryWeightOf(scope, [...size, x.shape[3] as number, filters], rest);
    const map = hasScaleMap(rest) ? scaleMapOf(x, size, given) : undefined;
    if (!isBinary) return finish(rescaled(convolve(x, weight, given), scale), scope, { ...rest, bias });
    const { image, sliding } = bordered(binarySign(x, { surrogate }), given, paddingValue);
    // Whole numbers stay whole: Winograd's algorithm would round them.
    const y = convolve(image, weight, { ...sliding, algorithm: 'direct' });
    return finish(rescaled(y, scale, map), scope, { ...rest, bias });
  });
}

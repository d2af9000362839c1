/** Convolution of images of bits: sums of products of +1 and -1, counted eight and more at a time. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { type BinaryOutput, type BinaryResult, binaryResults, outputType, resolveOutput } from './binary-output';
import { expectBits } from './pack-bits';
import { encodeSliding, outputSizes, type Pair, resolveSliding, type Sliding, type SlidingOptions } from './window';

/** What the border of the image counts as: nothing, +1 or -1. */
export type PaddingValue = 0 | 1 | -1;

/** How the weights slide over the image, and what becomes of the sums. */
export interface BinaryConv2dOptions extends SlidingOptions {
  /** Channels of the image: bits of each of its pixels. */
  channels: number;
  /** Default 0: taps outside of the image count nothing. */
  paddingValue?: PaddingValue;
  /** Default `'int32'`. */
  output?: BinaryOutput;
}

type BinaryConv2dAttributes = Sliding & {
  readonly channels: number;
  readonly paddingValue: PaddingValue;
  readonly result: BinaryResult;
};

function expectImages(where: string, bits: Value, weight: Value, channels: number): void {
  expectWhole(where, 'the number of channels', channels, 1);
  expectDType(where, 'the input', bits, 'uint8');
  expectRank(where, 'the input', bits, 4, '[N, H, W, ceil(C / 8)]');
  expectBits(where, 'the input', bits, channels);
  expectDType(where, 'the weights', weight, 'uint8');
  expectRank(where, 'the weights', weight, 4, '[K, kh, kw, ceil(C / 8)]');
  expectBits(where, 'the weights', weight, channels);
  for (const size of weight.shape) expectWhole(where, 'every size of the weights', size, 1);
}

/** dot[n, i, j, k] = sum over u, v, c of x[n, i*s + u*d - p, j*s + v*d - p, c] * w[k, u, v, c], all +1 and -1. */
const binaryConv2dOp = defineOp<BinaryConv2dAttributes>({
  name: 'binaryConv2d',
  kind: 'kernel',
  tail: true,
  infer: ([bits, weight, ...vectors], attributes) => {
    const where = 'binaryConv2d';
    const [x, w] = [bits as Value, weight as Value];
    expectImages(where, x, w, attributes.channels);
    const [filters, ...window] = w.shape.slice(0, 3) as [number, number, number];
    const lead = [x.shape[0] as number, ...outputSizes(where, x.shape, window, attributes)];
    return outputType(where, attributes.result, vectors, [lead, filters]);
  },
  encode: (attributes) => [
    ...encodeSliding(attributes),
    attributes.channels,
    attributes.paddingValue,
    binaryResults.indexOf(attributes.result),
  ],
});

/**
 * Convolution of bits, the layer of XNOR networks: where `conv2d` multiplies and adds floats, this counts the bits in
 * which image and weights agree. With both as +1 and -1 the sum of products over K = kh * kw * channels is
 *
 *     dot = K - 2 * (the number of bits set in x xor w)
 *
 * an exact integer, one machine operation for many products. Bits are those of `packBits`, weights those of
 * [K, kh, kw, C]: pack `transpose(w, [3, 0, 1, 2])` of weights for `conv2d`.
 *
 * `output` says what follows: `'int32'` is the sums; `{ scale, offset }` gives dot * scale[k] + offset[k] in float32,
 * where the scale is the mean magnitude of the real weights of XNOR networks or a folded batch normalization;
 * `{ threshold, flip }` gives (dot >= threshold[k]) xor flip[k] as bits, so that the next layer needs no floats at all.
 *
 * Rastegari et al., XNOR-Net: ImageNet classification using binary convolutional neural networks, 2016.
 *
 * @param bits uint8 [N, H, W, ceil(C / 8)]
 * @param weight uint8 [K, kh, kw, ceil(C / 8)]
 * @returns int32 or float32 [N, OH, OW, K], or uint8 [N, OH, OW, ceil(K / 8)]
 * @throws ConvoltError `DTYPE` or `SHAPE` when operands do not fit together or the window is larger than the padded
 *   image; `VALUE` when an option is not a number in its range; `OPTION` for unknown options and outputs
 * @example binaryConv2d(packBits(x), weight, { channels: 64, padding: 'same', output: { scale, offset } })
 */
export function binaryConv2d(bits: Value, weight: Value, options: BinaryConv2dOptions): Value {
  const where = 'binaryConv2d';
  expectOptions(where, options, ['stride', 'padding', 'dilation', 'channels', 'paddingValue', 'output']);
  const { channels, paddingValue = 0, output = 'int32' } = options;
  expectImages(where, bits, weight, channels);
  expect([0, 1, -1].includes(paddingValue), 'VALUE', () => ({
    where,
    what: 'the value of the padding',
    expected: '0, 1 or -1',
    actual: String(paddingValue),
  }));
  const { result, vectors } = resolveOutput(where, output);
  const window = weight.shape.slice(1, 3) as unknown as Pair;
  const attributes = { ...resolveSliding(where, bits.shape, window, options), channels, paddingValue, result };
  return binaryConv2dOp([bits, weight, ...vectors], attributes).outputs[0] as Value;
}

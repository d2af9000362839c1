/** Binary convolutions beside the same convolutions of floats. */
import { ops, Store, tensor, type Value } from '../lib';
import { hostNormal } from '../lib/graph/philox';
import { sizeOf } from '../lib/graph/tensor';
import { type ConvShape, kernelTimes, randomState } from './kernels';
import { median, print, summarize } from './timing';

/** A constant of random numbers, as the weights of a model for inference are. */
function randomConstant(key: number, shape: readonly number[]): Value {
  const size = sizeOf(shape);
  return ops.constant(tensor(hostNormal([key, size], size), shape));
}

/** Constant random bits. */
function randomBits(key: number, shape: readonly number[]): Value {
  const size = sizeOf(shape);
  const bytes = Uint8Array.from(hostNormal([key, size], size), (number) => (number * 1e4) & 255);
  return ops.constant(tensor(bytes, shape));
}

/** Trillions of operations a second, two for each pair of bits. */
const teraRate = (pairs: number, milliseconds: number): number => Number(((2 * pairs) / milliseconds / 1e9).toFixed(3));

/** The product of bits alone: operands that stay in the nearest cache, one thread's worth of work. */
async function kernelRate(): Promise<number> {
  const [rows, filters, channels] = [64, 64, 2304];
  const store = new Store();
  const x = ops.packBits(randomState(store, 'x', [rows, channels]));
  const product = ops.binaryMatmul(x, randomBits(3, [filters, channels / 8]), { channels });
  const best = Math.min(...(await kernelTimes(store, [product], /^binaryMatmul/)));
  return teraRate(rows * filters * channels, best);
}

/**
 * `shape` = N,H,W,C,K,R,S,stride,pad: from floats through bits to the bits of the next layer, with the parts of packing,
 * and the own float32 convolution of the same shape.
 */
export async function benchXnor(shape: readonly number[], threads: number, json: boolean): Promise<void> {
  const [n, h, w, c, k, r, s, stride = 1, pad = 0] = shape as ConvShape;
  const store = new Store();
  const x = randomState(store, 'x', [n, h, w, c]);
  const weight = randomConstant(1, [r, s, c, k]);
  const packed = ops.packBits(x);
  const output = {
    threshold: ops.constant(new Int32Array(k)),
    flip: ops.constant(new Uint8Array(k)),
  };
  const bits = randomBits(2, [k, r, s, Math.ceil(c / 8)]);
  const y = ops.binaryConv2d(packed, bits, { channels: c, stride, padding: pad, output });
  const times = await kernelTimes(store, [y], /^(packBits|binaryConv2d)/);
  const floats = new Store();
  const float = ops.conv2d(randomState(floats, 'x', [n, h, w, c]), weight, { stride, padding: pad });
  const floatTimes = await kernelTimes(floats, [float], /^conv2d/);
  const alone = new Store();
  const packing = await kernelTimes(alone, [ops.packBits(randomState(alone, 'x', [n, h, w, c]))], /^packBits/);
  const pairs = sizeOf(float.shape) * c * r * s;
  const timing = summarize(`xnor ${shape.join()}`, threads, times);
  const round = (number: number) => Number(number.toFixed(4));
  print(timing, json, {
    tops: teraRate(pairs, timing.median_ms),
    pack_ms: round(median(packing)),
    float32_ms: round(median(floatTimes)),
    speedup: Number((median(floatTimes) / timing.median_ms).toFixed(1)),
    kernel_tops: await kernelRate(),
  });
}

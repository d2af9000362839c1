/** Averages of bytes: exact sums, rounded once. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import {
  encodePool,
  type PoolAttributes,
  type PoolOptions,
  pooledShape,
  poolOptionNames,
  resolvePool,
} from './pool-window';
import { checkedRange, expectByte, expectScale, type QuantizedRange } from './quantized';
import { reshape } from './shape';

/** Bytes in and bytes out. */
export interface QuantizedMeanOptions {
  /** The byte of the input that stands for 0; default 0. Padding counts as it. */
  readonly inputZero?: number;
  /** Units of the result that one unit of the input stands for; default 1. */
  readonly scale?: number;
  /** Default: the zero of the input. */
  readonly output?: QuantizedRange;
}

/** `countIncludePad` (default true) divides by the whole window, padding included. */
export interface QuantizedAverageOptions extends PoolOptions, QuantizedMeanOptions {
  readonly countIncludePad?: boolean;
}

type QuantizedAverageAttributes = PoolAttributes &
  Required<QuantizedRange> & {
    readonly countIncludePad: boolean;
    readonly inputZero: number;
    readonly scale: number;
  };

/**
 * y[n, i, j, c] = clamp(round(float(sum over u, v of x[n, i*s + u - p, j*s + v - p, c] - inputZero) * (scale /
 * elements of the window)) + zero, low, high).
 */
const quantizedAveragePoolOp = defineOp<QuantizedAverageAttributes>({
  name: 'quantizedAveragePool',
  kind: 'kernel',
  infer: ([x], attributes) => {
    expectDType('quantizedAveragePool', 'the input', x as Value, 'uint8');
    expectRank('quantizedAveragePool', 'the input', x as Value, 4, '[N, H, W, C]');
    expectByte('quantizedAveragePool', 'the zero of the input', attributes.inputZero);
    expectScale('quantizedAveragePool', 'the scale', attributes.scale);
    const { zero, low, high } = attributes;
    checkedRange('quantizedAveragePool', { zero, low, high });
    return { dtype: 'uint8', shape: pooledShape('quantizedAveragePool', (x as Value).shape, attributes) };
  },
  encode: ({ countIncludePad, inputZero, scale, zero, low, high, ...window }) => [
    ...encodePool(window),
    Number(countIncludePad),
    inputZero,
    scale,
    zero,
    low,
    high,
  ],
});

/**
 * The mean under every position of a window over quantized images; sums are exact, the scale is divided by the number
 * of elements in float32, and one rounding follows.
 *
 * @param x uint8 images [N, H, W, C]
 * @returns uint8 [N, OH, OW, C]
 * @throws ConvoltError `DTYPE` unless x is uint8; `SHAPE` when the window is larger than the padded image; `VALUE`,
 *   `OPTION` for bad options
 */
export function quantizedAveragePool(x: Value, options: QuantizedAverageOptions): Value {
  expectOptions('quantizedAveragePool', options, [
    ...poolOptionNames,
    'countIncludePad',
    'inputZero',
    'scale',
    'output',
  ]);
  const { countIncludePad = true, inputZero = 0, scale = 1, output = { zero: inputZero } } = options;
  return quantizedAveragePoolOp([x], {
    ...resolvePool('quantizedAveragePool', x, options),
    countIncludePad,
    inputZero,
    scale,
    ...checkedRange('quantizedAveragePool', output),
  }).outputs[0] as Value;
}

/**
 * The mean of every channel of quantized images.
 *
 * @param x uint8 images [N, H, W, C]
 * @returns uint8 [N, C]
 * @throws ConvoltError as `quantizedAveragePool`
 */
export function quantizedGlobalAveragePool(x: Value, options: QuantizedMeanOptions = {}): Value {
  expectOptions('quantizedGlobalAveragePool', options, ['inputZero', 'scale', 'output']);
  expectRank('quantizedGlobalAveragePool', 'the input', x, 4, '[N, H, W, C]');
  const [n, height, width, channels] = x.shape as [number, number, number, number];
  return reshape(quantizedAveragePool(x, { ...options, window: [height, width] }), [n, channels]);
}

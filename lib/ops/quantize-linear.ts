/** Numbers as bytes: q = round(x / scale) + zeroPoint, and back. */
import { defineOp, expectDType } from '../graph/define-op';
import { complaint, expectOptions } from '../graph/errors';
import { type DType, sameShape, showShape, type Tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { checkedRange, expectByte, expectScale, type QuantizedRange } from './quantized';
import { constant } from './source';

/** The number that byte q stands for is (q - zeroPoint) * scale. */
export interface Quantization {
  readonly scale: number;
  /** The byte that stands for 0. */
  readonly zeroPoint: number;
}

type QuantizationAttributes = { readonly scale: number; readonly zeroPoint: number };

function checked(where: string, quantization: Quantization): QuantizationAttributes {
  expectOptions(where, quantization, ['scale', 'zeroPoint']);
  const { scale, zeroPoint } = quantization;
  expectScale(where, 'the scale', scale);
  expectByte(where, 'the zero point', zeroPoint);
  return { scale, zeroPoint };
}

const linearOp = (name: string, from: DType, dtype: DType) =>
  defineOp<QuantizationAttributes>({
    name,
    kind: 'kernel',
    infer: ([x], attributes) => {
      checked(name, attributes);
      expectDType(name, 'the input', x as Value, from);
      return { dtype, shape: (x as Value).shape };
    },
    encode: ({ scale, zeroPoint }) => [scale, zeroPoint],
  });

const quantizeOp = linearOp('quantizeLinear', 'float32', 'uint8');
const dequantizeOp = linearOp('dequantizeLinear', 'uint8', 'float32');

/** y = table[x]: any function of bytes. */
const mapBytesOp = defineOp<Record<never, never>>({
  name: 'mapBytes',
  kind: 'kernel',
  infer: (inputs) => {
    const [x, table] = inputs as [Value, Value];
    expectDType('mapBytes', 'the input', x, 'uint8');
    expectDType('mapBytes', 'the table', table, 'uint8');
    if (sameShape(table.shape, [256])) return { dtype: 'uint8', shape: x.shape };
    throw complaint('SHAPE', {
      where: 'mapBytes',
      what: 'the table',
      expected: '[256]',
      actual: showShape(table.shape),
    });
  },
});

/**
 * Affine quantization (Jacob et al. 2018): q = clamp(round(x / scale) + zeroPoint, 0, 255), where ties go to the even
 * number. What lies beyond the bytes becomes 0 or 255; NaN becomes 0. It has no gradient: training needs one of its own.
 *
 * @param x float32 of any shape
 * @param quantization the scale, above 0, and the byte that stands for 0
 * @returns uint8 of the same shape
 * @throws ConvoltError `DTYPE` unless x is float32; `VALUE` when the scale is not a positive finite number or the zero
 *   point not a byte; `OPTION` for unknown options
 * @example quantizeLinear(x, { scale: 4 / 255, zeroPoint: 64 }) // -1, 0, 1 and 3 become 0, 64, 128 and 255
 */
export const quantizeLinear = (x: Value, quantization: Quantization): Value =>
  quantizeOp([x], checked('quantizeLinear', quantization)).outputs[0] as Value;

/**
 * The numbers that bytes stand for: (q - zeroPoint) * scale.
 *
 * @param q uint8 of any shape
 * @returns float32 of the same shape
 * @throws ConvoltError `DTYPE` unless q is uint8; `VALUE` and `OPTION` as for `quantizeLinear`
 */
export const dequantizeLinear = (q: Value, quantization: Quantization): Value =>
  dequantizeOp([q], checked('dequantizeLinear', quantization)).outputs[0] as Value;

/**
 * Any function of bytes: y = table[x].
 *
 * @param x uint8 of any shape
 * @param table uint8 [256]
 * @returns uint8 of the shape of x
 * @throws ConvoltError `DTYPE` unless both are uint8; `SHAPE` unless the table has 256 entries
 */
export const mapBytes = (x: Value, table: Value): Value => mapBytesOp([x, table], {}).outputs[0] as Value;

/** The even one of the two nearest whole numbers where both are as near. */
export function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/**
 * Bytes under another quantization, where the branches of a concatenation have scales of their own:
 * y = clamp(round((x - from.zeroPoint) * from.scale / to.scale) + to.zeroPoint, low, high).
 *
 * @param x uint8 of any shape
 * @param options `from` and `to`; `low` and `high` clip the bytes, default 0 and 255
 * @returns uint8 of the same shape
 * @throws ConvoltError `DTYPE` unless x is uint8; `VALUE` and `OPTION` for bad quantizations
 * @example requantize(x, { from: { scale: 0.1, zeroPoint: 0 }, to: { scale: 0.2, zeroPoint: 0 } }) // halves the bytes
 */
export function requantize(
  x: Value,
  options: { from: Quantization; to: Quantization } & Pick<QuantizedRange, 'low' | 'high'>,
): Value {
  expectOptions('requantize', options, ['from', 'to', 'low', 'high']);
  const from = checked('requantize', options.from);
  const to = checked('requantize', options.to);
  const { low, high } = checkedRange('requantize', { zero: to.zeroPoint, low: options.low, high: options.high });
  const ratio = from.scale / to.scale;
  const data = Uint8Array.from({ length: 256 }, (_, byte) =>
    Math.min(Math.max(roundHalfEven((byte - from.zeroPoint) * ratio) + to.zeroPoint, low), high),
  );
  const table: Tensor = { dtype: 'uint8', shape: [256], data };
  return mapBytes(x, constant(table));
}

/** Sums of bytes that stand for numbers under scales of their own. */
import { defineOp, expectDType } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { sameShape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { checkedRange, expectByte, expectScale, type QuantizedRange } from './quantized';
import type { Addend } from './quantized-conv2d';

type QuantizedAddAttributes = Required<QuantizedRange> & {
  readonly inputScale: number;
  readonly inputZero: number;
  readonly addScale: number;
  readonly addZero: number;
};

/** t = float(a - inputZero) * inputScale + float(b - addZero) * addScale; y = clamp(round(t) + zero, low, high). */
const quantizedAddOp = defineOp<QuantizedAddAttributes>({
  name: 'quantizedAdd',
  kind: 'kernel',
  infer: (inputs, { inputScale, inputZero, addScale, addZero, zero, low, high }) => {
    const [a, b] = inputs as [Value, Value];
    for (const operand of [a, b]) expectDType('quantizedAdd', 'every operand', operand, 'uint8');
    for (const scale of [inputScale, addScale]) expectScale('quantizedAdd', 'every scale', scale);
    for (const byte of [inputZero, addZero]) expectByte('quantizedAdd', 'every zero', byte);
    checkedRange('quantizedAdd', { zero, low, high });
    expect(sameShape(a.shape, b.shape), 'SHAPE', () => ({
      where: 'quantizedAdd',
      what: 'operand 2',
      expected: `of the shape of operand 1, ${showShape(a.shape)}`,
      actual: showShape(b.shape),
    }));
    return { dtype: 'uint8', shape: a.shape };
  },
  encode: ({ inputScale, inputZero, addScale, addZero, zero, low, high }) => [
    inputScale,
    inputZero,
    addScale,
    addZero,
    zero,
    low,
    high,
  ],
});

/**
 * The sum of two quantized values: t = float(a - a.zero) * a.scale + float(b - b.zero) * b.scale, each operation rounded
 * by itself to float32, and then clamp(round(t) + zero, low, high), ties to even.
 *
 * @param a bytes, their zero, and how many units of the result one of theirs stands for
 * @param b the same, of the same shape
 * @param output the zero of the result, and its bounds: `low` = `zero` makes a ReLU
 * @returns uint8 of the shape of both
 * @throws ConvoltError `DTYPE` unless both are uint8; `SHAPE` when they differ; `VALUE`, `OPTION` for bad options
 * @example quantizedAdd({ value: a, scale: 0.5, zero: 0 }, { value: b, scale: 0.5, zero: 0 }, { zero: 0 }) // the mean
 */
export function quantizedAdd(a: Addend, b: Addend, output: QuantizedRange): Value {
  for (const operand of [a, b]) expectOptions('quantizedAdd', operand, ['value', 'scale', 'zero']);
  return quantizedAddOp([a.value, b.value], {
    inputScale: a.scale,
    inputZero: a.zero,
    addScale: b.scale,
    addZero: b.zero,
    ...checkedRange('quantizedAdd', output),
  }).outputs[0] as Value;
}

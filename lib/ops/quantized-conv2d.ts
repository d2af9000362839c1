/** Convolution of bytes with weights of one byte, exact in int32 until its one rounding. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import { complaint, expect, expectOptions } from '../graph/errors';
import { type Shape, sameShape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { convolvedShape } from './convolved-shape';
import { checkedRange, expectByte, expectScale, type QuantizedRange } from './quantized';
import { encodeSliding, type Pair, resolveSliding, type Sliding, type SlidingOptions } from './window';

/** Bytes that are added before the result is rounded: the other branch of a residual connection. */
export interface Addend {
  /** uint8 of the shape of the result. */
  readonly value: Value;
  /** Units of the result that one unit of the addend stands for. */
  readonly scale: number;
  /** The byte that stands for 0. */
  readonly zero: number;
}

/** Bytes, or float32 kept between `low` and `high` (default: not bounded). */
export type QuantizedOutput = QuantizedRange | { readonly low?: number; readonly high?: number };

/** What the results of quantized products are made of, beyond the products. */
export interface QuantizedOptions {
  /** The byte of the input that stands for 0; default 0. */
  readonly inputZero?: number;
  readonly addend?: Addend;
  /** With `zero` the result is uint8, without it float32; default float32. */
  readonly output?: QuantizedOutput;
}

/** How the weights slide, and what becomes of the sums. */
export interface QuantizedConv2dOptions extends SlidingOptions, QuantizedOptions {
  /** Default 1. As many groups as channels make a depthwise convolution. */
  readonly groups?: number;
}

type QuantizedAttributes = Sliding & {
  readonly groups: number;
  readonly inputZero: number;
  readonly addScale: number;
  readonly addZero: number;
  readonly output: 'uint8' | 'float32';
  readonly zero: number;
  readonly low: number;
  readonly high: number;
};

function expectVector(what: string, value: Value, dtype: 'int32' | 'float32', filters: number): void {
  expectDType('quantizedConv2d', what, value, dtype);
  expect(sameShape(value.shape, [filters]), 'SHAPE', () => ({
    where: 'quantizedConv2d',
    what,
    expected: `[${filters}], one for each filter`,
    actual: showShape(value.shape),
  }));
}

/** Sums in int32 must not overflow, whatever the bytes are. */
function expectShortSums(weight: Shape): void {
  const terms = weight.slice(0, 3).reduce((product, size) => product * size, 1);
  const most = 65536;
  expect(terms <= most, 'SHAPE', () => ({
    where: 'quantizedConv2d',
    what: 'the number of products in a sum',
    expected: `at most ${most}`,
    actual: `${terms}`,
    details: { weights: showShape(weight) },
  }));
}

function expectSound({ inputZero, addScale, addZero, output, zero, low, high }: QuantizedAttributes): void {
  expectByte('quantizedConv2d', 'the zero of the input', inputZero);
  expectByte('quantizedConv2d', 'the zero of the addend', addZero);
  expectScale('quantizedConv2d', 'the scale of the addend', addScale);
  if (output === 'uint8') checkedRange('quantizedConv2d', { zero, low, high });
  else if (!(low <= high)) {
    throw complaint('VALUE', {
      where: 'quantizedConv2d',
      what: 'the lowest number',
      expected: `at most ${high}, the highest one`,
      actual: `${low}`,
    });
  }
}

/**
 * acc = bias[k] + sum over u, v, c of (x[n, i*s + u*d - p, j*s + v*d - p, c] - inputZero) * w[u, v, c, k], in int32;
 * t = float(acc) * scale[k] [+ float(a - addZero) * addScale]; y = clamp(round(t) + zero, low, high).
 */
const quantizedConv2dOp = defineOp<QuantizedAttributes>({
  name: 'quantizedConv2d',
  kind: 'kernel',
  infer: (inputs, attributes) => {
    const [x, weight, bias, scale, addend] = inputs as [Value, Value, Value, Value, Value?];
    expectDType('quantizedConv2d', 'the input', x, 'uint8');
    expectRank('quantizedConv2d', 'the input', x, 4, '[N, H, W, C]');
    expectDType('quantizedConv2d', 'the weights', weight, 'int8');
    expectRank('quantizedConv2d', 'the weights', weight, 4, '[kh, kw, C / groups, K]');
    const shape = convolvedShape('quantizedConv2d', x.shape, weight.shape, attributes);
    expectVector('the bias', bias, 'int32', weight.shape[3] as number);
    expectVector('the scale', scale, 'float32', weight.shape[3] as number);
    expectShortSums(weight.shape);
    expectSound(attributes);
    if (addend) {
      expectDType('quantizedConv2d', 'the addend', addend, 'uint8');
      expect(sameShape(addend.shape, shape), 'SHAPE', () => ({
        where: 'quantizedConv2d',
        what: 'the addend',
        expected: showShape(shape),
        actual: showShape(addend.shape),
      }));
    }
    return { dtype: attributes.output, shape };
  },
  encode: ({ groups, inputZero, addScale, addZero, zero, low, high, ...attributes }) => [
    ...encodeSliding(attributes),
    groups,
    inputZero,
    addScale,
    addZero,
    zero,
    low,
    high,
  ],
});

/** The output's type and bounds, explicit. */
function resolveOutput(where: string, output: QuantizedOutput = {}) {
  if ('zero' in output) return { output: 'uint8' as const, ...checkedRange(where, output) };
  expectOptions(where, output, ['zero', 'low', 'high']);
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = output;
  return { output: 'float32' as const, zero: 0, low, high };
}

/**
 * Convolution of quantized images: bytes times weights of one byte are summed in int32, which is exact, and rounded
 * once (Jacob et al. 2018). Padding counts as `inputZero`, the byte for 0. A number takes part as the byte
 * round(number / its scale) + its zero, so scale[k] = (scale of x) * (scale of filter k) / (scale of y), or without the
 * last factor where the result is float32. Each operation is rounded by itself to float32, so that every machine gives
 * the same bits: t = float(acc) * scale[k], then t = t + float(a - addend.zero) * addend.scale, then ties to even.
 *
 * @param x uint8 images [N, H, W, C]
 * @param weight int8 [kh, kw, C / groups, K]
 * @param bias int32 [K], in units of (scale of x) * (scale of filter k)
 * @param scale float32 [K]
 * @returns [N, OH, OW, K], uint8 if `output.zero` is given, else float32
 * @throws ConvoltError `DTYPE` and `SHAPE` when the operands do not fit together; `VALUE` when a zero, a bound or a scale
 *   is out of its range; `OPTION` for unknown options
 * @example quantizedConv2d(x, weight, bias, scale, { padding: 'same', inputZero: 3, output: { zero: 0 } }) // with ReLU
 */
export function quantizedConv2d(
  x: Value,
  weight: Value,
  bias: Value,
  scale: Value,
  options: QuantizedConv2dOptions = {},
): Value {
  expectOptions('quantizedConv2d', options, [
    'stride',
    'padding',
    'dilation',
    'groups',
    'inputZero',
    'addend',
    'output',
  ]);
  expectRank('quantizedConv2d', 'the input', x, 4, '[N, H, W, C]');
  expectRank('quantizedConv2d', 'the weights', weight, 4, '[kh, kw, C / groups, K]');
  const { groups = 1, inputZero = 0, addend } = options;
  expectWhole('quantizedConv2d', 'the number of groups', groups, 1);
  if (addend) expectOptions('quantizedConv2d', addend, ['value', 'scale', 'zero']);
  const attributes = {
    ...resolveSliding('quantizedConv2d', x.shape, weight.shape.slice(0, 2) as unknown as Pair, options),
    groups,
    inputZero,
    addScale: addend?.scale ?? 1,
    addZero: addend?.zero ?? 0,
    ...resolveOutput('quantizedConv2d', options.output),
  };
  const operands = addend ? [x, weight, bias, scale, addend.value] : [x, weight, bias, scale];
  return quantizedConv2dOp(operands, attributes).outputs[0] as Value;
}

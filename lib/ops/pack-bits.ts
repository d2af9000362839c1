/** Signs as bits: eight values of +1 and -1 in a byte, the form in which binary networks compute. */
import { defineOp, expectDType } from '../graph/define-op';
import { expect } from '../graph/errors';
import { type Shape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';

/** Bytes that hold the bits of so many channels. */
export const bytesOfBits = (channels: number): number => Math.ceil(channels / 8);

/** Checks that the last axis of `bits` holds those of `channels`. */
export function expectBits(where: string, what: string, bits: Value, channels: number): void {
  expectDType(where, what, bits, 'uint8');
  expect(bits.shape.at(-1) === bytesOfBits(channels), 'SHAPE', () => ({
    where,
    what,
    expected: `[..., ${bytesOfBits(channels)}], the bits of ${channels} channels`,
    actual: showType(bits),
  }));
}

const lead = (x: Value): Shape => x.shape.slice(0, -1);

/** Bit c % 8 of y[..., floor(c / 8)] = x[..., c] >= 0; the bits behind the last channel are 0. */
const packBitsOp = defineOp<Record<never, never>>({
  name: 'packBits',
  kind: 'kernel',
  infer: ([input]) => {
    const x = input as Value;
    expectDType('packBits', 'the input', x, 'float32');
    expect(x.shape.length > 0 && x.shape.at(-1) !== 0, 'SHAPE', () => ({
      where: 'packBits',
      what: 'the input',
      expected: '[..., C] with at least one channel',
      actual: showType(x),
    }));
    return { dtype: 'uint8', shape: [...lead(x), bytesOfBits(x.shape.at(-1) as number)] };
  },
  encode: () => [],
});

/** y[..., c] = 1 if bit c % 8 of x[..., floor(c / 8)] is set, else -1. */
const unpackBitsOp = defineOp<{ channels: number }>({
  name: 'unpackBits',
  kind: 'kernel',
  infer: ([input], { channels }) => {
    const bits = input as Value;
    expectWhole('unpackBits', 'the number of channels', channels, 1);
    expectBits('unpackBits', 'the input', bits, channels);
    return { dtype: 'float32', shape: [...lead(bits), channels] };
  },
  encode: () => [],
});

/**
 * The signs of `x` as bits, which `binaryConv2d` and `binaryMatmul` multiply: channel c is bit c % 8 (the lowest is
 * bit 0) of byte floor(c / 8) of its row, 1 for +1 and 0 for -1. The sign of 0 is +1, that of NaN is -1. Bits behind the
 * last channel are 0. A tensor takes a thirty-second of its memory.
 *
 * No gradient flows back through bits: training differentiates a straight-through estimate of the sign in float32.
 *
 * @param x float32 [..., C]
 * @returns uint8 [..., ceil(C / 8)]
 * @throws ConvoltError `DTYPE` unless x is float32; `SHAPE` when it has no channels
 * @example packBits(constant([-1, 0.5, 0, -2])) // [6]: the bits of channels 1 and 2
 */
export const packBits = (x: Value): Value => packBitsOp([x], {}).outputs[0] as Value;

/**
 * The values +1 and -1 that bits stand for: the inverse of `packBits` where its input was +1 and -1.
 *
 * @param bits uint8 [..., ceil(channels / 8)]
 * @param channels of the result; bits behind them are not read
 * @returns float32 [..., channels]
 * @throws ConvoltError `DTYPE` unless the bits are uint8; `SHAPE` when the last axis does not hold those of `channels`;
 *   `VALUE` unless `channels` is a whole number of 1 or more
 * @example unpackBits(constant(Uint8Array.of(6)), 4) // [-1, 1, 1, -1]
 */
export const unpackBits = (bits: Value, channels: number): Value =>
  unpackBitsOp([bits], { channels }).outputs[0] as Value;

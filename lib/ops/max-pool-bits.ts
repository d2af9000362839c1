/** Max pooling of bits. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import {
  encodePool,
  type PoolAttributes,
  type PoolOptions,
  pooledShape,
  poolOptionNames,
  resolvePool,
} from './pool-window';
import { constant } from './source';

/** The window, and what is pooled. */
export interface BitPoolOptions extends PoolOptions {
  /** uint8 [ceil(C / 8)]: 1 where not the largest but the least of a channel is wanted; default nowhere. */
  readonly least?: Value;
}

/** y[n, i, j, c] = m[c] xor (or over u, v of m[c] xor x[n, i*s + u - p, j*s + v - p, c]), bit by bit. */
const maxPoolBitsOp = defineOp<PoolAttributes>({
  name: 'maxPoolBits',
  kind: 'kernel',
  infer: (inputs, attributes) => {
    const [bits, least] = inputs as [Value, Value];
    for (const [what, value] of [['the input', bits] as const, ['the mask', least] as const]) {
      expectDType('maxPoolBits', what, value, 'uint8');
    }
    expectRank('maxPoolBits', 'the input', bits, 4, '[N, H, W, ceil(C / 8)]');
    expect(least.shape.length === 1 && least.shape[0] === bits.shape[3], 'SHAPE', () => ({
      where: 'maxPoolBits',
      what: 'the mask',
      expected: `[${bits.shape[3]}], a bit for each channel`,
      actual: showType(least),
    }));
    return { dtype: 'uint8', shape: pooledShape('maxPoolBits', bits.shape, attributes) };
  },
  encode: encodePool,
});

/**
 * The maximum of +1 and -1 under every position of a window, of bits as `packBits` makes them: 1 where any bit is 1. Where
 * the mask `least` is 1 it is the minimum, 1 where all bits are: max pooling before a batch normalization that turns the
 * order of a channel around, followed by a sign. Padding never wins.
 *
 * @param bits uint8 [N, H, W, ceil(C / 8)]
 * @returns uint8 [N, OH, OW, ceil(C / 8)]
 * @throws ConvoltError `DTYPE` or `SHAPE` when operands do not fit or the window is larger than the padded image;
 *   `VALUE`, `OPTION` for bad options
 * @example maxPoolBits(packBits(x), { window: 2 })
 */
export function maxPoolBits(bits: Value, options: BitPoolOptions): Value {
  expectOptions('maxPoolBits', options, [...poolOptionNames, 'least']);
  const attributes = resolvePool('maxPoolBits', bits, options);
  const { least = constant(new Uint8Array(bits.shape[3] as number)) } = options;
  return maxPoolBitsOp([bits, least], attributes).outputs[0] as Value;
}

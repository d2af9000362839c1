/** Products of matrices of bits. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { type BinaryOutput, type BinaryResult, binaryResults, outputType, resolveOutput } from './binary-output';
import { expectBits } from './pack-bits';

/** How many bits a row has, and what becomes of the sums. */
export interface BinaryMatmulOptions {
  /** Bits of a row of either operand. */
  channels: number;
  /** Default `'int32'`. */
  output?: BinaryOutput;
}

/** dot[..., n] = sum over c of x[..., c] * w[n, c], all +1 and -1. */
const binaryMatmulOp = defineOp<{ readonly channels: number; readonly result: BinaryResult }>({
  name: 'binaryMatmul',
  kind: 'kernel',
  tail: true,
  infer: ([bits, weight, ...vectors], { channels, result }) => {
    const where = 'binaryMatmul';
    const [x, w] = [bits as Value, weight as Value];
    expectWhole(where, 'the number of channels', channels, 1);
    expectBits(where, 'the input', x, channels);
    expectDType(where, 'the weights', w, 'uint8');
    expectRank(where, 'the weights', w, 2, '[N, ceil(C / 8)]');
    expectBits(where, 'the weights', w, channels);
    expect(w.shape[0] !== 0, 'SHAPE', () => ({
      where,
      what: 'the weights',
      expected: '[N, ceil(C / 8)] with at least one row',
      actual: showType(w),
    }));
    return outputType(where, result, vectors, [x.shape.slice(0, -1), w.shape[0] as number]);
  },
  encode: ({ channels, result }) => [channels, binaryResults.indexOf(result)],
});

/**
 * The product of rows of bits with the rows of a matrix of bits, a dense layer of XNOR networks:
 *
 *     dot[..., n] = channels - 2 * (the number of bits set in x[..., :] xor w[n, :])
 *
 * which is the sum of the products of +1 and -1, exactly. Bits are those of `packBits`; outputs those of `binaryConv2d`.
 *
 * @param bits uint8 [..., ceil(C / 8)]
 * @param weight uint8 [N, ceil(C / 8)]: a row for each output, so the bits of the transpose of weights for `matmul`
 * @returns int32 or float32 [..., N], or uint8 [..., ceil(N / 8)]
 * @throws ConvoltError `DTYPE` or `SHAPE` when operands do not fit together; `VALUE` unless `channels` is a whole number
 *   of 1 or more; `OPTION` for unknown options and outputs
 * @example binaryMatmul(packBits(x), packBits(transpose(w, [1, 0])), { channels: 512 })
 */
export function binaryMatmul(bits: Value, weight: Value, options: BinaryMatmulOptions): Value {
  expectOptions('binaryMatmul', options, ['channels', 'output']);
  const { channels, output = 'int32' } = options;
  const { result, vectors } = resolveOutput('binaryMatmul', output);
  return binaryMatmulOp([bits, weight, ...vectors], { channels, result }).outputs[0] as Value;
}

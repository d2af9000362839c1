/** Shapes of the ops of bits, and a complaint for every misuse. */

import { gradients } from '../../lib/compiler/differentiate';
import type { ErrorCode } from '../../lib/graph/errors';
import type { DType } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import { type BinaryConv2dOptions, binaryConv2d } from '../../lib/ops/binary-conv2d';
import { binaryMatmul } from '../../lib/ops/binary-matmul';
import { add, mul } from '../../lib/ops/elementwise';
import { packBits, unpackBits } from '../../lib/ops/pack-bits';
import { sum } from '../../lib/ops/reduce';
import { feed } from '../../lib/ops/source';
import { evaluate, tensor64 } from '../../lib/reference';

const of = (dtype: DType, ...shape: number[]): Value => feed(dtype, shape, dtype);
const type = ({ dtype, shape }: Value): string => `${dtype}[${shape}]`;
const x = of('uint8', 2, 8, 9, 3);
const w = of('uint8', 10, 3, 3, 3);
const [scale, threshold, flip] = [of('float32', 10), of('int32', 10), of('bool', 10)];
const conv = (options: object = {}) => binaryConv2d(x, w, { channels: 20, ...options } as BinaryConv2dOptions);
const product = (options: object = {}, rows = of('uint8', 5, 4, 3)) =>
  binaryMatmul(rows, of('uint8', 10, 3), { channels: 24, ...options } as { channels: number });

const good: [string, () => Value, string][] = [
  ['packBits', () => packBits(of('float32', 4, 17)), 'uint8[4,3]'],
  ['unpackBits', () => unpackBits(of('uint8', 4, 3), 17), 'float32[4,17]'],
  ['sums of a convolution', () => conv(), 'int32[2,6,7,10]'],
  ['sums, said so', () => conv({ output: 'int32' }), 'int32[2,6,7,10]'],
  ['a stride', () => conv({ padding: 'same', stride: 2 }), 'int32[2,4,5,10]'],
  ['floats of a convolution', () => conv({ output: { scale, offset: scale } }), 'float32[2,6,7,10]'],
  ['bits of a convolution', () => conv({ output: { threshold, flip } }), 'uint8[2,6,7,2]'],
  ['sums of a product', () => product(), 'int32[5,4,10]'],
  ['floats of a product', () => product({ output: { scale, offset: scale } }), 'float32[5,4,10]'],
  ['bits of a product', () => product({ output: { threshold, flip } }), 'uint8[5,4,2]'],
  ['a product of one row', () => product({}, of('uint8', 3)), 'int32[10]'],
];

test.each(good)('%s', (_, make, expected) => {
  expect(type(make())).toBe(expected);
});

const bad: [string, () => unknown, ErrorCode, RegExp][] = [
  ['packBits of integers', () => packBits(of('int32', 3)), 'DTYPE', /the input to be float32 but got int32\[3\]/],
  ['packBits of a scalar', () => packBits(of('float32')), 'SHAPE', /the input to be \[\.\.\., C\] with at least one/],
  ['packBits of no channels', () => packBits(of('float32', 2, 0)), 'SHAPE', /but got float32\[2, 0\]/],
  ['unpackBits of floats', () => unpackBits(of('float32', 3), 3), 'DTYPE', /the input to be uint8/],
  ['unpackBits of too many', () => unpackBits(of('uint8', 3), 25), 'SHAPE', /\[\.\.\., 4\], the bits of 25 channels/],
  ['unpackBits of none', () => unpackBits(of('uint8', 0), 0), 'VALUE', /the number of channels/],
  ['an unknown option', () => conv({ groups: 2 }), 'OPTION', /every option to be one of .* but got 'groups'/],
  ['no channels', () => conv({ channels: undefined }), 'VALUE', /the number of channels/],
  ['other channels', () => conv({ channels: 25 }), 'SHAPE', /the input .* the bits of 25 channels/],
  ['images of rank 3', () => binaryConv2d(of('uint8', 8, 9, 3), w, { channels: 20 }), 'SHAPE', /\[N, H, W, ceil/],
  ['images of floats', () => binaryConv2d(of('float32', 1, 8, 9, 3), w, { channels: 20 }), 'DTYPE', /the input/],
  ['weights of floats', () => binaryConv2d(x, of('float32', 1, 3, 3, 3), { channels: 20 }), 'DTYPE', /the weights/],
  ['weights of rank 2', () => binaryConv2d(x, of('uint8', 9, 3), { channels: 20 }), 'SHAPE', /\[K, kh, kw, ceil/],
  ['weights of others', () => binaryConv2d(x, of('uint8', 1, 3, 3, 4), { channels: 20 }), 'SHAPE', /the weights/],
  [
    'no filters',
    () => binaryConv2d(x, of('uint8', 0, 3, 3, 3), { channels: 20 }),
    'VALUE',
    /every size of the weights/,
  ],
  ['a large window', () => binaryConv2d(x, of('uint8', 1, 9, 3, 3), { channels: 20 }), 'SHAPE', /no larger than/],
  ['a padding of 2', () => conv({ paddingValue: 2 }), 'VALUE', /the value of the padding to be 0, 1 or -1 but got 2/],
  ['a scale alone', () => conv({ output: { scale } }), 'OPTION', /the output to be 'int32'.* but got \{ scale \}/],
  ['numbers as scale', () => conv({ output: { scale: 1, offset: 0 } }), 'OPTION', /but got \{ offset, scale \}/],
  ['an unknown output', () => conv({ output: 'uint8' }), 'OPTION', /but got 'uint8'/],
  [
    'a short scale',
    () => conv({ output: { scale: of('float32', 9), offset: scale } }),
    'SHAPE',
    /the scale to be \[10\]/,
  ],
  ['an integer offset', () => conv({ output: { scale, offset: threshold } }), 'DTYPE', /the offset to be float32/],
  ['a float threshold', () => conv({ output: { threshold: scale, flip } }), 'DTYPE', /the threshold to be int32/],
  ['a float flip', () => product({ output: { threshold, flip: scale } }), 'DTYPE', /the flip to be bool or uint8/],
  ['other rows', () => product({}, of('uint8', 4)), 'SHAPE', /the input .* the bits of 24 channels/],
  ['a row of floats', () => product({}, of('float32', 3)), 'DTYPE', /the input to be uint8/],
  ['a vector', () => binaryMatmul(of('uint8', 3), of('uint8', 3), { channels: 24 }), 'SHAPE', /\[N, ceil\(C \/ 8\)\]/],
  ['other columns', () => binaryMatmul(of('uint8', 3), of('uint8', 2, 4), { channels: 24 }), 'SHAPE', /the weights/],
  ['no rows', () => binaryMatmul(of('uint8', 3), of('uint8', 0, 3), { channels: 24 }), 'SHAPE', /at least one row/],
  ['an option of matmul', () => product({ transposeB: true }), 'OPTION', /every option/],
];

test.each(bad)('%s is refused', (_, make, code, message) => {
  expect(make).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});

test('no gradient flows through bits', () => {
  const x = of('float32', 2, 8);
  const y = add(sum(unpackBits(packBits(x), 8)), sum(mul(x, 3)));
  const [gradient] = evaluate(gradients(y, [x]), new Map([['float32', tensor64(new Array(16).fill(0.5), [2, 8])]]));
  expect([...(gradient?.data ?? [])]).toEqual(new Array(16).fill(3));
});

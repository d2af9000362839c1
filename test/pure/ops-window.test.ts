/** Shape rules of matrix products, convolution and pools, and a complaint for every misuse. */
import type { ErrorCode } from '../../lib/graph/errors';
import type { Value } from '../../lib/graph/value';
import { conv2d } from '../../lib/ops/conv2d';
import { setConvolutionAlgorithm } from '../../lib/ops/convolution-algorithm';
import { col2im, im2col } from '../../lib/ops/im2col';
import { matmul } from '../../lib/ops/matmul';
import { adaptiveAveragePool, averagePool, globalAveragePool, globalMaxPool, maxPool } from '../../lib/ops/pool';
import { feed } from '../../lib/ops/source';
import { outputSize } from '../../lib/ops/window';
import { applyByName } from '../cases/case';

const of = (...shape: number[]): Value => feed('x', shape);
const ints = (...shape: number[]): Value => feed('i', shape, 'int32');
const type = ({ dtype, shape }: Value): string => `${dtype}[${shape}]`;

const good: [string, () => Value | readonly Value[], string][] = [
  ['matmul', () => matmul(of(2, 3), of(3, 4)), 'float32[2,4]'],
  ['matmul transposed', () => matmul(of(3, 2), of(4, 3), { transposeA: true, transposeB: true }), 'float32[2,4]'],
  ['matmul of a batch', () => matmul(of(7, 2, 3), of(7, 3, 4)), 'float32[7,2,4]'],
  ['matmul with a shared matrix', () => matmul(of(7, 5, 3, 2), of(3, 4), { transposeA: true }), 'float32[7,5,2,4]'],
  ['conv2d', () => conv2d(of(2, 5, 6, 3), of(3, 2, 3, 8)), 'float32[2,3,5,8]'],
  [
    'conv2d same',
    () => conv2d(of(2, 5, 6, 3), of(3, 2, 3, 8), { padding: 'same', stride: [1, 2] }),
    'float32[2,5,3,8]',
  ],
  ['conv2d full', () => conv2d(of(2, 5, 6, 3), of(3, 2, 3, 8), { padding: 'full', dilation: 2 }), 'float32[2,9,8,8]'],
  ['conv2d per axis', () => conv2d(of(2, 5, 6, 3), of(3, 2, 3, 8), { padding: [1, 0] }), 'float32[2,5,5,8]'],
  ['conv2d per side', () => conv2d(of(2, 5, 6, 3), of(3, 2, 3, 8), { padding: [1, 0, 2, 1] }), 'float32[2,4,8,8]'],
  ['conv2d in groups', () => conv2d(of(2, 5, 6, 4), of(1, 1, 2, 8), { groups: 2 }), 'float32[2,5,6,8]'],
  ['conv2d of no images', () => conv2d(of(0, 5, 6, 3), of(3, 3, 3, 8)), 'float32[0,3,4,8]'],
  ['im2col', () => im2col(of(2, 5, 6, 3), { window: [3, 2], stride: 2 }), 'float32[2,2,3,18]'],
  [
    'col2im',
    () => col2im(of(2, 2, 3, 18), { window: [3, 2], stride: 2, inputShape: [2, 5, 6, 3] }),
    'float32[2,5,6,3]',
  ],
  ['maxPool', () => maxPool(of(2, 5, 6, 3), { window: 2 }).node.outputs, 'float32[2,2,3,3] int32[2,2,3,3]'],
  ['maxPool ceil', () => maxPool(of(2, 5, 6, 3), { window: 2, ceil: true }), 'float32[2,3,3,3]'],
  ['averagePool', () => averagePool(of(2, 5, 6, 3), { window: 3, stride: 1, padding: 'same' }), 'float32[2,5,6,3]'],
  ['adaptiveAveragePool', () => adaptiveAveragePool(of(2, 5, 6, 3), [7, 1]), 'float32[2,7,1,3]'],
  ['adaptiveAveragePool square', () => adaptiveAveragePool(of(2, 5, 6, 3), 2), 'float32[2,2,2,3]'],
  ['globalAveragePool', () => globalAveragePool(of(2, 5, 6, 3)), 'float32[2,3]'],
  ['globalMaxPool', () => globalMaxPool(of(2, 5, 6, 3)), 'float32[2,3]'],
];

test.each(good)('%s', (_, build, expected) => {
  expect(
    [build()]
      .flat()
      .map((value) => type(value as Value))
      .join(' '),
  ).toBe(expected);
});

test('a ceiled last window begins inside the image, as in PyTorch', () => {
  expect(outputSize(5, 2, { stride: 2, ceil: true })).toBe(3);
  expect(outputSize(6, 3, { stride: 2, padding: [1, 1], ceil: true })).toBe(4);
  expect(outputSize(4, 2, { stride: 3, padding: [0, 0], ceil: true })).toBe(2);
});

const x = of(2, 5, 6, 4);
const w = of(3, 3, 4, 8);
const sliding = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1, algorithm: 'auto' };
const misspelt = { strid: 2 } as never;

const bad: [string, () => unknown, ErrorCode, string][] = [
  [
    'matmul',
    () => matmul(of(2, 3), of(4, 5)),
    'SHAPE',
    'matmul: expected the operands to be [..., M, K] and [K, N] or [..., K, N] but got [2, 3] and [4, 5]',
  ],
  ['matmul', () => matmul(of(2, 3), of(3, 5), { transposeA: true }), 'SHAPE', 'but got [2, 3] transposed and [3, 5]'],
  ['matmul', () => matmul(of(7, 2, 3), of(6, 3, 4)), 'SHAPE', 'but got [7, 2, 3] and [6, 3, 4]'],
  ['matmul', () => matmul(of(3), of(3, 4)), 'SHAPE', 'but got [3] and [3, 4]'],
  [
    'matmul',
    () => matmul(ints(2, 3), of(3, 4)),
    'DTYPE',
    'matmul: expected operand 1 to be float32 but got int32[2, 3]',
  ],
  ['matmul', () => matmul(of(2, 3), ints(3, 4)), 'DTYPE', 'operand 2'],
  [
    'matmul',
    () => matmul(of(2, 3), of(3, 4), misspelt),
    'OPTION',
    "matmul: expected every option to be one of transposeA, transposeB but got 'strid'",
  ],
  [
    'the algorithm of conv2d',
    () => conv2d(x, w, { algorithm: 'fft' as 'direct' }),
    'OPTION',
    "conv2d: expected the algorithm to be one of auto, direct, winograd but got 'fft'",
  ],
  [
    'the algorithm of all convolutions',
    () => setConvolutionAlgorithm('fft' as 'direct'),
    'OPTION',
    "setConvolutionAlgorithm: expected the algorithm to be one of auto, direct, winograd but got 'fft'",
  ],
  [
    'conv2d',
    () => conv2d(of(5, 6, 4), w),
    'SHAPE',
    'conv2d: expected the input to be [N, H, W, C] but got float32[5, 6, 4]',
  ],
  [
    'conv2d',
    () => conv2d(x, of(3, 3, 4)),
    'SHAPE',
    'conv2d: expected the weights to be [kh, kw, C / groups, K] but got float32[3, 3, 4]',
  ],
  [
    'conv2d',
    () => conv2d(ints(2, 5, 6, 4), w),
    'DTYPE',
    'conv2d: expected the input to be float32 but got int32[2, 5, 6, 4]',
  ],
  [
    'conv2d',
    () => conv2d(x, of(3, 3, 3, 8)),
    'SHAPE',
    'conv2d: expected the weights to be [kh, kw, 4, K] for 4 channels in 1 groups but got [3, 3, 3, 8] (input [2, 5, 6, 4])',
  ],
  [
    'conv2d',
    () => conv2d(x, w, { groups: 3 }),
    'SHAPE',
    'conv2d: expected channels and filters to be divisible by 3 groups but got 4 and 8',
  ],
  [
    'conv2d',
    () => conv2d(x, w, { groups: 0 }),
    'VALUE',
    'conv2d: expected the number of groups to be a whole number of 1 or more but got 0',
  ],
  [
    'conv2d',
    () => conv2d(x, of(0, 3, 4, 8)),
    'VALUE',
    'conv2d: expected every size of the weights to be a whole number of 1 or more but got 0',
  ],
  [
    'conv2d',
    () => conv2d(x, of(7, 3, 4, 8)),
    'SHAPE',
    'conv2d: expected the window to be no larger than the padded image but got [7, 3] (image [2, 5, 6, 4], padding [0, 0, 0, 0], dilation [1, 1])',
  ],
  ['conv2d', () => conv2d(x, w, { dilation: 3 }), 'SHAPE', 'dilation [3, 3]'],
  [
    'conv2d',
    () => conv2d(x, w, { stride: 0 }),
    'VALUE',
    'conv2d: expected the stride to be a whole number of 1 or more but got 0',
  ],
  [
    'conv2d',
    () => conv2d(x, w, { stride: [1, 2, 3] as never }),
    'VALUE',
    'conv2d: expected the stride to be a number or [height, width] but got [1,2,3]',
  ],
  ['conv2d', () => conv2d(x, w, { dilation: 1.5 }), 'VALUE', 'the dilation'],
  [
    'conv2d',
    () => conv2d(x, w, { padding: -1 }),
    'VALUE',
    'conv2d: expected the padding to be a whole number of 0 or more but got -1',
  ],
  ['conv2d', () => conv2d(x, w, { padding: [0, 0, 0, -2] }), 'VALUE', 'but got -2'],
  ['conv2d', () => conv2d(x, w, { padding: [1, 2, 3] as never }), 'VALUE', 'the padding'],
  [
    'conv2d',
    () => conv2d(x, w, { padding: 'half' as never }),
    'OPTION',
    "conv2d: expected the padding to be 'valid', 'same', 'full' or numbers but got 'half'",
  ],
  [
    'conv2d',
    () => conv2d(x, w, misspelt),
    'OPTION',
    "conv2d: expected every option to be one of stride, padding, dilation, groups, algorithm but got 'strid'",
  ],
  [
    'conv2dGradInput',
    () => applyByName('conv2dGradInput', [of(2, 3, 3, 8), w], { ...sliding, inputShape: [2, 5, 6, 4] }),
    'SHAPE',
    'conv2dGradInput: expected the gradient to be [2, 3, 4, 8] but got [2, 3, 3, 8]',
  ],
  [
    'conv2dGradWeights',
    () => applyByName('conv2dGradWeights', [x, of(2, 3, 3, 8)], { ...sliding, weightShape: [3, 3, 4, 8] }),
    'SHAPE',
    'conv2dGradWeights: expected the gradient to be [2, 3, 4, 8]',
  ],
  [
    'im2col',
    () => im2col(of(3), { window: 2 }),
    'SHAPE',
    'im2col: expected the input to be [N, H, W, C] but got float32[3]',
  ],
  ['im2col', () => im2col(ints(2, 5, 6, 4), { window: 2 }), 'DTYPE', 'im2col: expected the input to be float32'],
  ['im2col', () => im2col(x, { window: 7 }), 'SHAPE', 'im2col: expected the window'],
  [
    'im2col',
    () => im2col(x, { window: 0 }),
    'VALUE',
    'im2col: expected the window to be a whole number of 1 or more but got 0',
  ],
  ['im2col', () => im2col(x, { window: 2, ...(misspelt as object) }), 'OPTION', "but got 'strid'"],
  [
    'col2im',
    () => col2im(of(2, 2, 3, 18), { window: 2, inputShape: [2, 5, 6, 3] }),
    'SHAPE',
    'col2im: expected the columns to be [2, 4, 5, 12] but got [2, 2, 3, 18] (input [2, 5, 6, 3])',
  ],
  [
    'col2im',
    () => col2im(ints(2, 4, 5, 12), { window: 2, inputShape: [2, 5, 6, 3] }),
    'DTYPE',
    'col2im: expected the columns',
  ],
  [
    'col2im',
    () => col2im(of(2, 4, 5, 12), { window: 2, inputShape: [5, 6, 3] }),
    'SHAPE',
    'col2im: expected the input shape to be [N, H, W, C] but got [5, 6, 3]',
  ],
  ['col2im', () => col2im(of(2, 4, 5, 12), { window: 2, inputShape: [2, 5, -6, 3] }), 'VALUE', 'but got -6'],
  [
    'maxPool',
    () => maxPool(of(5, 6), { window: 2 }),
    'SHAPE',
    'maxPool: expected the input to be [N, H, W, C] but got float32[5, 6]',
  ],
  [
    'maxPool',
    () => maxPool(x, { window: 2, padding: 2 }),
    'VALUE',
    'maxPool: expected the padding to be less than the window, so that every window meets the image but got [2, 2, 2, 2] (window [2, 2])',
  ],
  [
    'maxPool',
    () => maxPool(x, { window: 2, dilation: 2 } as never),
    'OPTION',
    "maxPool: expected every option to be one of window, stride, padding, ceil but got 'dilation'",
  ],
  [
    'maxPool',
    () => maxPool(x, {} as never),
    'VALUE',
    'maxPool: expected the window to be a number or [height, width] but got undefined',
  ],
  [
    'maxPoolGrad',
    () => applyByName('maxPoolGrad', [of(1, 2, 2, 1), ints(1, 2, 1, 1)], { inputShape: [1, 4, 4, 1] }),
    'SHAPE',
    "maxPoolGrad: expected the indices to be of the gradient's shape [1, 2, 2, 1]",
  ],
  [
    'maxPoolGrad',
    () => applyByName('maxPoolGrad', [of(1, 2, 2, 1), of(1, 2, 2, 1)], { inputShape: [1, 4, 4, 1] }),
    'DTYPE',
    'maxPoolGrad: expected the indices',
  ],
  [
    'averagePool',
    () => averagePool(ints(2, 5, 6, 4), { window: 2 }),
    'DTYPE',
    'averagePool: expected the input to be float32',
  ],
  ['averagePool', () => averagePool(x, misspelt), 'OPTION', "countIncludePad but got 'strid'"],
  [
    'averagePoolGrad',
    () =>
      applyByName('averagePoolGrad', [of(2, 2, 2, 4)], {
        window: [2, 2],
        stride: [2, 2],
        padding: [0, 0, 0, 0],
        inputShape: [2, 5, 6, 4],
      }),
    'SHAPE',
    'averagePoolGrad: expected the gradient to be [2, 2, 3, 4] but got [2, 2, 2, 4]',
  ],
  [
    'adaptiveAveragePool',
    () => adaptiveAveragePool(x, 0),
    'VALUE',
    'adaptiveAveragePool: expected the size to be a whole number of 1 or more but got 0',
  ],
  ['adaptiveAveragePool', () => adaptiveAveragePool(of(3), 2), 'SHAPE', 'adaptiveAveragePool: expected the input'],
  [
    'adaptiveAveragePool',
    () => adaptiveAveragePool(of(2, 0, 6, 4), 2),
    'VALUE',
    'adaptiveAveragePool: expected every size',
  ],
  [
    'globalAveragePool',
    () => globalAveragePool(of(3)),
    'SHAPE',
    'globalAveragePool: expected the input to be [N, H, W, C] but got float32[3]',
  ],
  ['globalMaxPool', () => globalMaxPool(ints(2, 5, 6, 4)), 'DTYPE', 'globalMaxPool: expected the input to be float32'],
];

test.each(bad)('%s refuses misuse %#', (_, build, code, message) => {
  expect(build).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
});

/** Shape rules of the ops that move, fold, pick and draw, and a complaint for every misuse. */
import type { ErrorCode } from '../../lib/graph/errors';
import type { DType } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import { putAlongAxis, takeAlongAxis } from '../../lib/ops/along-axis';
import { argmax, argmin } from '../../lib/ops/argmax';
import { checkFinite } from '../../lib/ops/check-finite';
import { concat, split, stack } from '../../lib/ops/concat';
import { gather, scatterAdd } from '../../lib/ops/gather';
import { oneHot } from '../../lib/ops/one-hot';
import { pad, padGrad } from '../../lib/ops/pad';
import {
  bernoulli,
  categorical,
  permutation,
  randomBits,
  randomNormal,
  randomUniform,
  sampleWithoutReplacement,
  splitKey,
} from '../../lib/ops/random';
import { logSumExp, max, mean, min, prod, sum, variance } from '../../lib/ops/reduce';
import { sequenceMask } from '../../lib/ops/sequence-mask';
import { expandDims, flatten, reshape, squeeze, stopGradient } from '../../lib/ops/shape';
import { slice, sliceGrad } from '../../lib/ops/slice';
import { logSoftmax, softmax } from '../../lib/ops/softmax';
import { feed } from '../../lib/ops/source';
import { topK } from '../../lib/ops/top-k';
import { transpose } from '../../lib/ops/transpose';

const of = (...shape: number[]): Value => feed('x', shape);
const ints = (...shape: number[]): Value => feed('i', shape, 'int32');
const key = ints(2);
const type = ({ dtype, shape }: Value): string => `${dtype}[${shape}]`;

const good: [string, () => Value | readonly Value[], string][] = [
  ['sum of all', () => sum(of(2, 3)), 'float32[]'],
  ['sum of a scalar', () => sum(of()), 'float32[]'],
  ['sum over one', () => sum(of(2, 3), { axes: 1 }), 'float32[2]'],
  ['sum over none', () => sum(of(2, 3), { axes: [] }), 'float32[2,3]'],
  ['max keeps axes', () => max(of(2, 3, 4), { axes: [0, -1], keepDims: true }), 'float32[1,3,1]'],
  ['min', () => min(of(2, 3, 4), { axes: [2, 0, 0] }), 'float32[3]'],
  ['prod of nothing', () => prod(of(0, 3), { axes: 0 }), 'float32[3]'],
  ['mean', () => mean(of(2, 3), { axes: [-2] }), 'float32[3]'],
  ['variance', () => variance(of(5, 4, 3), { axes: [0, 1] }), 'float32[3]'],
  ['logSumExp', () => logSumExp(of(5, 4), { axes: -1, keepDims: true }), 'float32[5,1]'],
  ['argmax', () => argmax(of(5, 4)), 'int32[5]'],
  ['argmin along 0', () => argmin(of(5, 4), { axis: 0 }), 'int32[4]'],
  ['reshape', () => reshape(of(4, 6), [3, -1, 2]), 'float32[3,4,2]'],
  ['reshape of nothing', () => reshape(of(0, 3), [0, 7]), 'float32[0,7]'],
  ['flatten', () => flatten(of(2, 3, 4)), 'float32[2,12]'],
  ['flatten of a vector', () => flatten(of(2)), 'float32[2,1]'],
  ['expandDims', () => [expandDims(of(2, 3), 0), expandDims(of(2, 3), -1)], 'float32[1,2,3] float32[2,3,1]'],
  ['squeeze', () => [squeeze(of(1, 2, 1)), squeeze(of(1, 2, 1), -1)], 'float32[2] float32[1,2]'],
  ['stopGradient', () => stopGradient(of(3)), 'float32[3]'],
  ['transpose', () => transpose(ints(2, 3, 4), [2, 0, 1]), 'int32[4,2,3]'],
  ['transpose reverses', () => transpose(of(2, 3, 4)), 'float32[4,3,2]'],
  ['concat', () => concat([of(2, 3), of(2, 1)], { axis: -1 }), 'float32[2,4]'],
  ['stack', () => stack([of(2, 3), of(2, 3)], { axis: 1 }), 'float32[2,2,3]'],
  ['split in parts', () => split(of(2, 6), 3, { axis: 1 }), 'float32[2,2] float32[2,2] float32[2,2]'],
  ['split in sizes', () => split(of(5), [1, 0, 4]), 'float32[1] float32[0] float32[4]'],
  ['slice', () => slice(of(4, 5), { begin: [1, -2], size: [2, -1] }), 'float32[2,2]'],
  ['slice backwards', () => slice(of(5), { begin: [-1], size: [-1], step: [-2] }), 'float32[3]'],
  ['sliceGrad', () => sliceGrad(of(2), { inputShape: [5], begin: [0], step: [2] }), 'float32[5]'],
  ['pad', () => pad(of(2, 3), { before: [0, 1], after: [2, 0] }), 'float32[4,4]'],
  ['padGrad', () => padGrad(of(5), { before: [1], after: [1], mode: 'reflect' }), 'float32[3]'],
  ['gather', () => gather(feed('t', [9, 7], 'uint8'), ints(2, 3)), 'uint8[2,3,7]'],
  ['gather along 1', () => gather(of(9, 7, 2), ints(4), { axis: 1 }), 'float32[9,4,2]'],
  ['scatterAdd', () => scatterAdd(ints(2, 3), of(2, 3, 7), { size: 9 }), 'float32[9,7]'],
  ['oneHot', () => oneHot(ints(2, 3), 10), 'float32[2,3,10]'],
  ['sequenceMask', () => sequenceMask(ints(2), 5), 'bool[2,5]'],
  ['topK', () => Object.values(topK(of(4, 9), { k: 2 })), 'float32[4,2] int32[4,2]'],
  ['takeAlongAxis', () => takeAlongAxis(of(4, 9), ints(4, 2)), 'float32[4,2]'],
  ['putAlongAxis', () => putAlongAxis(ints(4, 2), of(4, 2), { size: 9 }), 'float32[4,9]'],
  ['softmax', () => softmax(of(4, 9)), 'float32[4,9]'],
  ['logSoftmax along 0', () => logSoftmax(of(4, 9, 2), { axis: 0 }), 'float32[4,9,2]'],
  ['randomUniform', () => randomUniform(key, [3, 4]), 'float32[3,4]'],
  ['randomNormal', () => randomNormal(key, []), 'float32[]'],
  ['randomBits', () => randomBits(key, [3]), 'int32[3]'],
  ['splitKey', () => splitKey(key, 4), 'int32[2]'],
  ['permutation', () => permutation(key, 9), 'int32[9]'],
  ['bernoulli', () => bernoulli(key, [3, 4], 0.5), 'bool[3,4]'],
  ['categorical', () => categorical(key, of(3, 4)), 'int32[3]'],
  ['sampleWithoutReplacement', () => sampleWithoutReplacement(key, 9, 4), 'int32[4]'],
  ['checkFinite', () => checkFinite(of(3)), 'int32[]'],
];

test.each(good)('%s', (_, build, types) => {
  expect(
    [build()]
      .flat()
      .map((value) => type(value as Value))
      .join(' '),
  ).toBe(types);
});

const misspelt = { axs: 1 } as object;

const bad: [string, () => unknown, ErrorCode, string][] = [
  ['sum', () => sum(of(2, 3), { axes: 2 }), 'SHAPE', 'sum: expected the axis to be between -2 and 1 but got 2'],
  ['sum', () => sum(ints(2)), 'DTYPE', 'sum: expected the input to be float32 but got int32[2]'],
  [
    'mean',
    () => mean(of(2), misspelt),
    'OPTION',
    "mean: expected every option to be one of axes, keepDims but got 'axs'",
  ],
  [
    'max',
    () => max(of(0, 3), { axes: 0 }),
    'SHAPE',
    'max: expected every folded axis to be of at least one element but got [0, 3]',
  ],
  ['mean', () => mean(of(0)), 'SHAPE', 'mean: expected every folded axis to be of at least one element but got [0]'],
  [
    'argmax',
    () => argmax(of(2, 3), { axis: -3 }),
    'SHAPE',
    'argmax: expected the axis to be between -2 and 1 but got -3',
  ],
  ['argmax', () => argmax(of(2, 0)), 'SHAPE', 'argmax: expected axis 1 to be of at least one element but got [2, 0]'],
  ['argmin', () => argmin(ints(2)), 'DTYPE', 'argmin: expected the input to be float32 but got int32[2]'],
  ['argmin', () => argmin(of(2), misspelt), 'OPTION', "argmin: expected every option to be one of axis but got 'axs'"],
  [
    'reshape',
    () => reshape(of(2, 3), [4]),
    'SHAPE',
    'reshape: expected the shape to be of 6 elements but got [4] (input [2, 3])',
  ],
  [
    'reshape',
    () => reshape(of(2, 3), [4, -1]),
    'SHAPE',
    'reshape: expected the shape to be a divisor of 6 elements but got [4, -1] (input [2, 3])',
  ],
  ['reshape', () => reshape(of(2, 3), [-1, -1]), 'SHAPE', 'at most one of them -1 but got [-1, -1]'],
  ['reshape', () => reshape(of(2, 3), [1.5, 4]), 'SHAPE', 'whole numbers of 0 or more'],
  ['flatten', () => flatten(of()), 'SHAPE', 'flatten: expected the input to be [N, ...] but got []'],
  ['expandDims', () => expandDims(of(2), 2), 'SHAPE', 'expandDims: expected the axis to be between -2 and 1 but got 2'],
  [
    'squeeze',
    () => squeeze(of(2, 1), 0),
    'SHAPE',
    'squeeze: expected the size of axis 0 to be 1 but got 2 (input [2, 1])',
  ],
  [
    'transpose',
    () => transpose(of(2, 3), [0, 0]),
    'SHAPE',
    'transpose: expected the permutation to be an order of the axes 0 to 1 but got [0, 0] (input [2, 3])',
  ],
  ['transpose', () => transpose(of(2, 3), [1]), 'SHAPE', 'but got [1] (input [2, 3])'],
  ['concat', () => concat([]), 'VALUE', 'concat: expected the values to be at least one but got none'],
  [
    'concat',
    () => concat([of(2, 3), of(2, 4)]),
    'SHAPE',
    'concat: expected the values to be of one type and equal on every axis but 0 but got float32[2, 3] and float32[2, 4]',
  ],
  ['concat', () => concat([of(2), ints(2)]), 'SHAPE', 'float32[2] and int32[2]'],
  ['concat', () => concat([of(2)], { axis: 1 }), 'SHAPE', 'concat: expected the axis to be between -1 and 0 but got 1'],
  [
    'concat',
    () => concat([of(2)], misspelt),
    'OPTION',
    "concat: expected every option to be one of axis but got 'axs'",
  ],
  ['stack', () => stack([]), 'VALUE', 'stack: expected the values to be at least one but got none'],
  [
    'split',
    () => split(of(2, 5), 2, { axis: 1 }),
    'SHAPE',
    'split: expected the number of parts to be a divisor of 5 but got 2 (input [2, 5])',
  ],
  ['split', () => split(of(5), 0), 'SHAPE', 'but got 0'],
  [
    'split',
    () => split(of(5), [2, 2]),
    'SHAPE',
    'split: expected the sizes to be whole numbers that sum to 5 but got [2, 2] (input [5])',
  ],
  ['split', () => split(of(5), [6, -1]), 'SHAPE', 'but got [6, -1]'],
  [
    'slice',
    () => slice(of(4), { begin: [2], size: [3] }),
    'SHAPE',
    'slice: expected the box on axis 0 to be inside 0 to 3 but got begin 2, size 3, step 1 (input [4])',
  ],
  ['slice', () => slice(of(4), { begin: [0], size: [2], step: [0] }), 'SHAPE', 'step 0'],
  ['slice', () => slice(of(4), { begin: [-5], size: [1] }), 'SHAPE', 'begin -5'],
  [
    'slice',
    () => slice(of(4), { begin: [0, 0], size: [1] }),
    'SHAPE',
    'slice: expected begin to be 1 numbers, one per axis but got [0, 0] (input [4])',
  ],
  ['slice', () => slice(of(4), { begin: [0], size: [2], stride: [1] } as never), 'OPTION', "but got 'stride'"],
  [
    'pad',
    () => pad(of(3), { before: [-1], after: [0] }),
    'SHAPE',
    'pad: expected before to be one whole number of 0 or more per axis but got [-1]',
  ],
  ['pad', () => pad(of(3), { before: [0], after: [0, 1] }), 'SHAPE', 'pad: expected after to be'],
  [
    'pad',
    () => pad(of(3), { before: [3], after: [0], mode: 'reflect' }),
    'SHAPE',
    'less than the axis but got [3] (input [3], mode reflect)',
  ],
  ['pad', () => pad(of(0), { before: [1], after: [0], mode: 'replicate' }), 'SHAPE', 'mode replicate'],
  [
    'pad',
    () => pad(of(3), { before: [1], after: [1], mode: 'mirror' as never }),
    'OPTION',
    "pad: expected the mode to be one of constant, reflect, replicate but got 'mirror'",
  ],
  ['gather', () => gather(of(3), of(2)), 'DTYPE', 'gather: expected the indices to be int32 but got float32[2]'],
  [
    'gather',
    () => gather(of(3), ints(2), { axis: 1 }),
    'SHAPE',
    'gather: expected the axis to be between -1 and 0 but got 1',
  ],
  [
    'scatterAdd',
    () => scatterAdd(ints(2), of(3), { size: 4 }),
    'SHAPE',
    "scatterAdd: expected the updates to be of the indices' shape from axis 0 on but got float32[3] (indices int32[2])",
  ],
  [
    'scatterAdd',
    () => scatterAdd(ints(2), of(2), { size: 0 }),
    'VALUE',
    'scatterAdd: expected the size to be a whole number of 1 or more but got 0',
  ],
  ['scatterAdd', () => scatterAdd(ints(2), ints(2), { size: 2 }), 'DTYPE', 'the updates'],
  [
    'oneHot',
    () => oneHot(ints(2), 0),
    'VALUE',
    'oneHot: expected the depth to be a whole number of 1 or more but got 0',
  ],
  ['sequenceMask', () => sequenceMask(ints(2), 0), 'VALUE', 'sequenceMask: expected the number of steps'],
  ['sequenceMask', () => sequenceMask(of(2), 3), 'DTYPE', 'sequenceMask: expected the lengths to be int32'],
  ['sequenceMask', () => sequenceMask(ints(2, 2), 3), 'SHAPE', 'sequenceMask: expected the lengths to be int32[N]'],
  ['oneHot', () => oneHot(of(2), 3), 'DTYPE', 'oneHot: expected the indices to be int32 but got float32[2]'],
  [
    'topK',
    () => topK(of(2, 3), { k: 4 }),
    'VALUE',
    'topK: expected k to be between 1 and the length of the last axis but got 4 (input float32[2, 3])',
  ],
  ['topK', () => topK(of(), { k: 1 }), 'VALUE', 'topK: expected k'],
  ['topK', () => topK(of(2), { n: 1 } as never), 'OPTION', "but got 'n'"],
  [
    'takeAlongAxis',
    () => takeAlongAxis(of(4, 9), ints(3, 1)),
    'SHAPE',
    'takeAlongAxis: expected the indices to be of the same shape as float32[4, 9] but for the last axis but got int32[3, 1]',
  ],
  ['takeAlongAxis', () => takeAlongAxis(of(), ints()), 'SHAPE', 'takeAlongAxis'],
  [
    'putAlongAxis',
    () => putAlongAxis(ints(4, 1), of(4, 2), { size: 3 }),
    'SHAPE',
    "putAlongAxis: expected the updates to be of the indices' shape int32[4, 1] but got float32[4, 2]",
  ],
  ['putAlongAxis', () => putAlongAxis(ints(4, 1), of(4, 1), { size: 0 }), 'VALUE', 'the size'],
  ['softmax', () => softmax(of()), 'SHAPE', 'softmax: expected the axis'],
  ['logSoftmax', () => logSoftmax(ints(3)), 'DTYPE', 'logSoftmax: expected the input to be float32 but got int32[3]'],
  [
    'softmax',
    () => softmax(of(3), misspelt),
    'OPTION',
    "softmax: expected every option to be one of axis but got 'axs'",
  ],
  [
    'randomUniform',
    () => randomUniform(ints(3), [2]),
    'SHAPE',
    'randomUniform: expected the key to be int32[2] but got int32[3]',
  ],
  [
    'randomNormal',
    () => randomNormal(of(2), [2]),
    'DTYPE',
    'randomNormal: expected the key to be int32 but got float32[2]',
  ],
  [
    'randomBits',
    () => randomBits(key, [-2]),
    'VALUE',
    'randomBits: expected every size to be a whole number of 0 or more but got -2',
  ],
  [
    'splitKey',
    () => splitKey(key, -1),
    'VALUE',
    'splitKey: expected the stream to be a whole number of 0 or more but got -1',
  ],
  [
    'permutation',
    () => permutation(key, 0),
    'VALUE',
    'permutation: expected n to be a whole number of 1 or more but got 0',
  ],
  [
    'bernoulli',
    () => bernoulli(key, [2], 1.5),
    'VALUE',
    'bernoulli: expected the probability to be between 0 and 1 but got 1.5',
  ],
  [
    'sampleWithoutReplacement',
    () => sampleWithoutReplacement(key, 3, 4),
    'VALUE',
    'sampleWithoutReplacement: expected k to be at most n = 3 but got 4',
  ],
  ['sampleWithoutReplacement', () => sampleWithoutReplacement(key, 3, 0), 'VALUE', 'a whole number of 1 or more'],
  [
    'checkFinite',
    () => checkFinite(ints(3)),
    'DTYPE',
    'checkFinite: expected the input to be float32 but got int32[3]',
  ],
];

test.each(bad)('%s refuses misuse %#', (_, build, code, message) => {
  expect(build).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
});

test('views and no-ops build no kernel', () => {
  const x = of(2, 3);
  expect(reshape(x, [2, 3])).toBe(x);
  expect(transpose(x, [0, 1])).toBe(x);
  expect(concat([x])).toBe(x);
  expect(slice(x, { begin: [0, 0], size: [-1, -1] })).toBe(x);
  expect(pad(x, { before: [0, 0], after: [0, 0] })).toBe(x);
  expect(transpose(of(4, 1, 3), [1, 0, 2]).node.op.kind).toBe('view');
});

test.each<DType>(['float32', 'int32', 'uint8', 'bool', 'int8'])('moves keep %s', (dtype) => {
  const x = feed('x', [2, 3], dtype);
  const moved = [transpose(x), concat([x, x]), slice(x, { begin: [0, 1], size: [1, 1] }), gather(x, ints(4))];
  expect(moved.map((value) => value.dtype)).toEqual(moved.map(() => dtype));
});

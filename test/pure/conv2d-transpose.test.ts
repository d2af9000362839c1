/** Transposed convolution: numbers by hand, the adjoint's identity, sizes, the layer, and a complaint for every misuse. */
import { tensor } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import * as layers from '../../lib/layers';
import { conv2d } from '../../lib/ops/conv2d';
import { type Conv2dTransposeOptions, conv2dTranspose } from '../../lib/ops/conv2d-transpose';
import { broadcastTo, maximum, mul } from '../../lib/ops/elementwise';
import { sum } from '../../lib/ops/reduce';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, type Tensor64 } from '../../lib/reference';
import { refusal } from '../io/refusal';
import { initialNumbers, traced } from './tracing';

const of = (...shape: number[]): Value => feed('x', shape);
const ints = (...shape: number[]): Value => feed('i', shape, 'int32');
const plane = (rows: number[][]): Value =>
  constant({
    dtype: 'float32',
    shape: [1, rows.length, (rows[0] as number[]).length, 1],
    data: Float32Array.from(rows.flat()),
  });
const kernel = (rows: number[][]): Value =>
  constant({
    dtype: 'float32',
    shape: [rows.length, (rows[0] as number[]).length, 1, 1],
    data: Float32Array.from(rows.flat()),
  });

const x = plane([
  [1, 2],
  [3, 4],
]);

const numbersOf = (value: Value): number[] => [...(evaluate([value]) as [Tensor64])[0].data];

describe('L-14', () => {
  test('a kernel of ones', () => {
    const ones = kernel([
      [1, 1],
      [1, 1],
    ]);
    expect(numbersOf(conv2dTranspose(x, ones))).toEqual([1, 3, 2, 4, 10, 6, 3, 7, 4]);
  });

  test('a diagonal kernel with stride 2', () => {
    const diagonal = kernel([
      [1, 0],
      [0, 1],
    ]);
    const expected = [1, 0, 2, 0, 0, 1, 0, 2, 3, 0, 4, 0, 0, 3, 0, 4];
    expect(numbersOf(conv2dTranspose(x, diagonal, { stride: 2 }))).toEqual(expected);
  });

  test('<conv(x), y> = <x, convT(y)>', () => {
    const drawn = (seed: number, shape: number[]) =>
      constant({
        dtype: 'float32',
        shape,
        data: Float32Array.from(
          { length: shape.reduce((a, b) => a * b) },
          (_, i) => (((i + seed) * 2654435761) % 97) / 97,
        ),
      });
    const options = { stride: [2, 3], padding: [1, 0, 2, 1], dilation: [2, 1], groups: 2 } as const;
    const image = drawn(1, [2, 9, 10, 4]);
    const weights = drawn(2, [3, 2, 2, 6]);
    const convolved = conv2d(image, weights, options);
    const y = drawn(3, [...convolved.shape]);
    const back = conv2dTranspose(y, weights, { ...options, outputPadding: [1, 2] });
    expect(back.shape).toEqual(image.shape);
    const [left, right] = evaluate([sum(mul(convolved, y)), sum(mul(image, back))]).map(
      ({ data }) => data[0] as number,
    );
    expect(Math.abs((left as number) - (right as number))).toBeLessThan(1e-9 * Math.abs(left as number));
  });
});

const sizes: [Conv2dTransposeOptions, number[], number[]][] = [
  [{}, [3, 3], [6, 7]],
  [{ stride: 2 }, [3, 3], [9, 11]],
  [{ stride: 2, padding: 1, outputPadding: 1 }, [3, 3], [8, 10]],
  [{ stride: 2, padding: 1 }, [4, 4], [8, 10]],
  [{ stride: [1, 3], padding: [1, 0, 0, 2] }, [3, 2], [5, 12]],
  [{ dilation: 2, outputPadding: 1 }, [3, 3], [9, 10]],
  [{ padding: 'same', stride: 2 }, [3, 3], [8, 10]],
  [{ padding: 'same', stride: 2 }, [5, 4], [8, 10]],
  [{ padding: 'same', stride: 3 }, [1, 2], [12, 15]],
  [{ padding: 'full' }, [2, 2], [3, 4]],
];

test.each(sizes)('%j with %j: %j', (options, window, size) => {
  expect(conv2dTranspose(of(2, 4, 5, 6), of(...window, 8, 6), options).shape).toEqual([2, ...size, 8]);
});

test('groups have filters of their own', () => {
  expect(conv2dTranspose(of(2, 4, 5, 6), of(3, 3, 4, 6), { groups: 3 }).shape).toEqual([2, 6, 7, 12]);
});

const image = of(2, 4, 5, 6);
const w = of(3, 3, 8, 6);

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  [
    'rank of x',
    () => conv2dTranspose(of(4, 5, 6), w),
    refusal('SHAPE', 'conv2dTranspose', 'the input', '[N, H, W, C]'),
  ],
  ['type of x', () => conv2dTranspose(ints(2, 4, 5, 6), w), refusal('DTYPE', 'the input to be float32')],
  ['rank of w', () => conv2dTranspose(image, of(3, 8, 6)), refusal('SHAPE', 'the weights', '[kh, kw, K / groups, C]')],
  ['type of w', () => conv2dTranspose(image, ints(3, 3, 8, 6)), refusal('DTYPE', 'the weights to be float32')],
  [
    'channels',
    () => conv2dTranspose(image, of(3, 3, 6, 8)),
    refusal(
      'SHAPE',
      'conv2dTranspose: expected the weights to be [kh, kw, K / groups, 6] for 6 channels but got [3, 3',
    ),
  ],
  ['groups', () => conv2dTranspose(image, w, { groups: 4 }), refusal('SHAPE', 'divisible by 4 groups but got 6')],
  ['no groups', () => conv2dTranspose(image, w, { groups: 0 }), refusal('VALUE', 'the number of groups')],
  ['no window', () => conv2dTranspose(image, of(0, 3, 8, 6)), refusal('VALUE', 'every size of the weights')],
  ['no filters', () => conv2dTranspose(image, of(3, 3, 0, 6)), refusal('VALUE', 'every size of the weights')],
  ['stride', () => conv2dTranspose(image, w, { stride: 0 }), refusal('VALUE', 'the stride')],
  ['dilation', () => conv2dTranspose(image, w, { dilation: 1.5 }), refusal('VALUE', 'the dilation')],
  ['padding', () => conv2dTranspose(image, w, { padding: -1 }), refusal('VALUE', 'the padding')],
  ['padding in words', () => conv2dTranspose(image, w, { padding: 'some' as never }), refusal('OPTION', "'some'")],
  [
    'nothing left',
    () => conv2dTranspose(image, w, { padding: 3 }),
    refusal('SHAPE', 'the padding', 'to leave one pixel at least', '[3, 3, 3, 3]', 'input [2, 4, 5, 6]'),
  ],
  ['negative outputPadding', () => conv2dTranspose(image, w, { outputPadding: -1 }), refusal('VALUE', 'outputPadding')],
  [
    'outputPadding of a stride',
    () => conv2dTranspose(image, w, { stride: [2, 3], outputPadding: 2 }),
    refusal('VALUE', 'outputPadding to be below the stride or the dilation, [2, 3] but got [2, 2]'),
  ],
  [
    "outputPadding with 'same'",
    () => conv2dTranspose(image, w, { padding: 'same', stride: 2, outputPadding: 1 }),
    refusal('OPTION', "outputPadding to be left out with the padding 'same' but got 1"),
  ],
  ['algorithm', () => conv2dTranspose(image, w, { algorithm: 'fft' as never }), refusal('OPTION', "'fft'")],
  ['a misspelt option', () => conv2dTranspose(image, w, { strid: 2 } as never), refusal('OPTION', "'strid'")],
  ['layer: filters', () => layers.conv2dTranspose(0, 3), refusal('VALUE', 'the number of filters')],
  ['layer: kernel', () => layers.conv2dTranspose(4, 0), refusal('VALUE', 'the kernel')],
  ['layer: groups', () => layers.conv2dTranspose(4, 3, { groups: 0 }), refusal('VALUE', 'groups')],
  ['layer: option', () => layers.conv2dTranspose(4, 3, { strides: 2 } as never), refusal('OPTION', "'strides'")],
  ['layer: input', () => traced(layers.conv2dTranspose(4, 3), [2, 8]), refusal('SHAPE', '[N, H, W, C]')],
  ['layer: filters in groups', () => layers.conv2dTranspose(6, 3, { groups: 4 }), refusal('VALUE', 'the filters', '4')],
  [
    'layer: channels in groups',
    () => traced(layers.conv2dTranspose(8, 3, { groups: 4 }), [2, 4, 4, 6]),
    refusal('SHAPE', 'the channels to be divisible by 4 groups but got 6'),
  ],
];

test.each(bad)('refused: %s', (_, call, error) => expect(call).toThrow(error));

describe('the layer', () => {
  test('declares weight [kh, kw, filters / groups, C] and bias', () => {
    const { y, shapes } = traced(
      layers.conv2dTranspose(8, [4, 2], { stride: 2, padding: [1, 0], groups: 2 }),
      [3, 5, 6, 4],
    );
    expect(y.shape).toEqual([3, 10, 12, 8]);
    expect(shapes).toEqual({ 'conv2dTranspose.weight': [4, 2, 4, 4], 'conv2dTranspose.bias': [8] });
    expect(traced(layers.conv2dTranspose(8, 3, { bias: false }), [1, 5, 6, 4]).shapes).toEqual({
      'conv2dTranspose.weight': [3, 3, 8, 4],
    });
  });

  test('adds the bias and applies the activation', () => {
    const filled = (value: number) => (shape: readonly number[]) => broadcastTo(constant(tensor(value, [])), shape);
    const { y, trace } = traced(
      layers.conv2dTranspose(1, 2, {
        weightInitializer: filled(1),
        biasInitializer: filled(-3),
        activation: (value) => maximum(value, 0),
      }),
      x,
    );
    const [numbers] = evaluate([y], new Map(), initialNumbers(trace)) as [Tensor64];
    expect([...numbers.data]).toEqual([0, 0, 0, 1, 7, 3, 0, 4, 1]);
  });
});

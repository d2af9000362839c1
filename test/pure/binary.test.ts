/** Binary layers, functions and ops: what they declare, constraints of parameters, and a complaint for every misuse. */
import { binarySign, binaryWeights } from '../../lib/functions';
import type { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import { type BinaryAffineOptions, type Block, binaryConv2d, binaryDense, layer } from '../../lib/layers';
import { quicknet } from '../../lib/models';
import { traceTraining } from '../../lib/models/train-step';
import { binarize, binarizedFrom } from '../../lib/ops/binarize';
import { mul } from '../../lib/ops/elementwise';
import { maxPoolBits } from '../../lib/ops/max-pool-bits';
import { sum } from '../../lib/ops/reduce';
import { constant, feed } from '../../lib/ops/source';
import { sgd } from '../../lib/optimizers';
import { tensor64 } from '../../lib/reference';
import { numbers } from '../catalogue/numbers';
import { refusal } from '../io/refusal';
import { newTrace, traced, updated } from './tracing';

const image = [2, 8, 8, 4];

const rows: [string, Block, readonly number[], readonly number[], Record<string, readonly number[]>][] = [
  ['binaryDense', binaryDense(5), [2, 3], [2, 5], { 'binaryDense.weight': [3, 5] }],
  [
    'binaryDense with a bias, per position',
    binaryDense(5, { bias: true, method: 'bnn' }),
    [2, 7, 3],
    [2, 7, 5],
    { 'binaryDense.weight': [3, 5], 'binaryDense.bias': [5] },
  ],
  ['binaryConv2d', binaryConv2d(6, 3), image, [2, 6, 6, 6], { 'binaryConv2d.weight': [3, 3, 4, 6] }],
  [
    'binaryConv2d same, strided',
    binaryConv2d(6, [3, 1], { method: 'bwn', padding: 'same', stride: 2 }),
    image,
    [2, 4, 4, 6],
    { 'binaryConv2d.weight': [3, 1, 4, 6] },
  ],
];

test.each(rows)('%s', (_, block, input, output, declared) => {
  for (const training of [true, false]) {
    const { y, shapes } = traced(block, input, training);
    expect(y.shape).toEqual(output);
    expect(shapes).toEqual(declared);
  }
});

test('a graph is asked for signs', () => {
  const x = feed('x', [3]);
  expect(binarizedFrom(binarize(x))).toBe(x);
  expect(binarizedFrom(mul(binarize(x), 2))).toBeUndefined();
});

test('a sign costs nothing but itself: its stand-in is not computed', () => {
  const x = constant([-0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  expect(numbers(binarySign(x))).toEqual([-1, 1, -1]);
});

test('a constraint is applied to what every update makes of a parameter', () => {
  const halved = layer('halved', (x, scope) =>
    mul(
      x,
      scope.param('w', [2], (shape) => constant(new Float32Array(shape[0] as number).fill(3)), {
        constraint: (w) => mul(w, 0.5),
      }),
    ),
  );
  const trace = newTrace();
  const x = constant([[1, 2]]);
  const loss = (prediction: Value) => sum(prediction, { axes: 1 });
  traceTraining(trace, (input: Value, scope: Scope) => halved(input, scope), { loss }, sgd({ rate: 1 }), x, x);
  const after = updated(trace, new Map([['halved.w', tensor64([3, 3], [2])]]));
  // (3 - 1) / 2 and (3 - 2) / 2
  expect([...(after.get('halved.w')?.data ?? [])]).toEqual([1, 0.5]);
});

const x = feed('x', [2, 4]);
const bits = (...shape: number[]): Value => feed('bits', shape, 'uint8');
const misused = (options: object) => () => binaryDense(3, options as BinaryAffineOptions);

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  [
    'an unknown method',
    misused({ method: 'ternary' }),
    refusal('OPTION', 'the method', 'binaryConnect, bwn, bnn, xnor'),
  ],
  ['an unknown gradient', misused({ weightGradient: 'none' }), refusal('OPTION', 'the weight gradient', "'none'")],
  ['an unknown surrogate', misused({ surrogate: 'tanh' }), refusal('OPTION', 'the surrogate', 'clip, polynomial')],
  ['an unknown option', misused({ alpha: 1 }), refusal('OPTION', "'alpha'")],
  [
    'an option of another method',
    misused({ method: 'bnn', scaleMap: false }),
    refusal(
      'OPTION',
      "binaryDense: expected the option 'scaleMap' to be given with the method xnor but got one with bnn",
    ),
  ],
  ['signs of random weights', misused({ stochastic: true }), refusal('OPTION', "'stochastic'", 'binaryConnect')],
  [
    'a vector',
    () => traced(binaryDense(3), [4]),
    refusal('SHAPE', 'binaryDense: expected the input to be [N, ..., F]'),
  ],
  ['no image', () => traced(binaryConv2d(3, 3), [4, 4]), refusal('SHAPE', '[N, H, W, C]')],
  [
    'a border of two',
    () => binaryConv2d(3, 3, { paddingValue: 2 } as never),
    refusal('VALUE', 'binaryConv2d: expected the padding value to be 0, 1 or -1 but got 2'),
  ],
  [
    'ones around real numbers',
    () => binaryConv2d(3, 3, { method: 'bwn', paddingValue: 1 }),
    refusal('VALUE', 'expected the padding value to be 0 around a real input but got 1'),
  ],
  ['no filters', () => binaryConv2d(0, 3), refusal('VALUE', 'the number of filters')],
  ['binarySign', () => binarySign(x, { surrogate: 'tanh' } as never), refusal('OPTION', 'binarySign', "'tanh'")],
  ['binaryWeights', () => binaryWeights(x, { gradient: 'half' } as never), refusal('OPTION', 'paper, exact')],
  ['maxPoolBits of floats', () => maxPoolBits(feed('y', [1, 4, 4, 2]), { window: 2 }), refusal('DTYPE', 'uint8')],
  ['maxPoolBits of rows', () => maxPoolBits(bits(4, 4), { window: 2 }), refusal('SHAPE', '[N, H, W')],
  [
    'maxPoolBits with a mask of other channels',
    () => maxPoolBits(bits(1, 4, 4, 2), { window: 2, least: bits(3) }),
    refusal('SHAPE', 'maxPoolBits: expected the mask to be [2], a bit for each channel but got uint8[3]'),
  ],
  [
    'maxPoolBits of nothing known',
    () => maxPoolBits(bits(1, 4, 4, 2), { size: 2 } as never),
    refusal('OPTION', "'size'"),
  ],
  [
    'quicknet',
    () => quicknet({ filters: [64, 128] }),
    refusal('VALUE', 'quicknet: expected the stages', 'filters 64,128 and blocks 4,4,4,4'),
  ],
  ['quicknet of few filters', () => quicknet({ filters: [2], blocks: [1] }), refusal('VALUE', 'the filters')],
  ['quicknet in another form', () => quicknet({ form: 'mnist' as never }), refusal('OPTION', 'imagenet, cifar')],
];

test.each(bad)('%s is refused', (_, misuse, error) => expect(misuse).toThrow(error));

/** Layers: shapes, paths of what they declare, sharing, numbers. */

import { gradients } from '../../lib/compiler/differentiate';
import { Scope } from '../../lib/graph/scope';
import { reachable, type Value } from '../../lib/graph/value';
import { ones, zeros } from '../../lib/initializers';
import * as layers from '../../lib/layers';
import { mul, tanh } from '../../lib/ops/elementwise';
import { sum } from '../../lib/ops/reduce';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, type Tensor64, tensor64 } from '../../lib/reference';
import { numbers } from '../catalogue/numbers';
import { expectHand } from '../closeness';
import { initialNumbers, newTrace, traced, updated } from './tracing';

const {
  batchNorm,
  branch,
  conv2d,
  dense,
  depthwiseConv2d,
  dropout,
  embedding,
  layer,
  residual,
  separableConv2d,
  sequential,
  tap,
} = layers;

const image = [2, 8, 8, 4];
type Shapes = Record<string, readonly number[]>;

const rows: [string, layers.Block, readonly number[], readonly number[], Shapes][] = [
  ['dense', dense(5), [2, 3], [2, 5], { 'dense.weight': [3, 5], 'dense.bias': [5] }],
  ['dense per position', dense(5, { bias: false }), [2, 7, 3], [2, 7, 5], { 'dense.weight': [3, 5] }],
  ['conv2d', conv2d(6, 3), image, [2, 6, 6, 6], { 'conv2d.weight': [3, 3, 4, 6], 'conv2d.bias': [6] }],
  [
    'conv2d same, strided',
    conv2d(6, [3, 1], { padding: 'same', stride: 2, bias: false }),
    image,
    [2, 4, 4, 6],
    { 'conv2d.weight': [3, 1, 4, 6] },
  ],
  [
    'conv2d in groups',
    conv2d(6, 1, { groups: 2, bias: false }),
    image,
    [2, 8, 8, 6],
    { 'conv2d.weight': [1, 1, 2, 6] },
  ],
  [
    'conv2d dilated',
    conv2d(1, 3, { dilation: 2, bias: false }),
    image,
    [2, 4, 4, 1],
    { 'conv2d.weight': [3, 3, 4, 1] },
  ],
  [
    'depthwiseConv2d',
    depthwiseConv2d(3, { multiplier: 2 }),
    image,
    [2, 6, 6, 8],
    { 'depthwiseConv2d.weight': [3, 3, 1, 8], 'depthwiseConv2d.bias': [8] },
  ],
  [
    'separableConv2d',
    separableConv2d(5, 3, { padding: 1 }),
    image,
    [2, 8, 8, 5],
    {
      'separableConv2d.depthwise.weight': [3, 3, 1, 4],
      'separableConv2d.pointwise.weight': [1, 1, 4, 5],
      'separableConv2d.pointwise.bias': [5],
    },
  ],
  ['maxPool', layers.maxPool(), image, [2, 4, 4, 4], {}],
  ['maxPool overlapping', layers.maxPool(3, { stride: 2, padding: 1 }), image, [2, 4, 4, 4], {}],
  ['averagePool', layers.averagePool([2, 4], { countIncludePad: false }), image, [2, 4, 2, 4], {}],
  ['globalAveragePool', layers.globalAveragePool(), image, [2, 4], {}],
  ['globalMaxPool', layers.globalMaxPool(), image, [2, 4], {}],
  ['adaptiveAveragePool', layers.adaptiveAveragePool([3, 5]), image, [2, 3, 5, 4], {}],
  [
    'batchNorm',
    batchNorm(),
    image,
    image,
    {
      'batchNorm.gamma': [4],
      'batchNorm.beta': [4],
      'batchNorm.mean': [4],
      'batchNorm.variance': [4],
    },
  ],
  [
    'batchNorm without parameters',
    batchNorm({ affine: false, momentum: null }),
    [8, 3],
    [8, 3],
    {
      'batchNorm.mean': [3],
      'batchNorm.variance': [3],
      'batchNorm.count': [],
    },
  ],
  ['dropout', dropout(0.3), image, image, {}],
  ['spatial dropout', dropout(0.3, { spatial: true }), image, image, {}],
  ['flatten', layers.flatten(), image, [2, 256], {}],
  ['reshape', layers.reshape(-1, 16), image, [2, 16, 16], {}],
  ['zeroPad', layers.zeroPad([1, 2]), image, [2, 10, 12, 4], {}],
  ['reflectPad', layers.reflectPad(1), image, [2, 10, 10, 4], {}],
  ['replicatePad', layers.replicatePad([1, 0, 2, 0]), image, [2, 9, 10, 4], {}],
  ['rescale', layers.rescale(), image, image, {}],
  [
    'residual',
    residual(sequential(dense(3), layers.relu())),
    [2, 3],
    [2, 3],
    { 'residual.dense.weight': [3, 3], 'residual.dense.bias': [3] },
  ],
  [
    'residual with a shortcut',
    residual(dense(4, { bias: false }), { shortcut: dense(4, { bias: false }) }),
    [2, 3],
    [2, 4],
    {
      'residual.dense.weight': [3, 4],
      'residual.shortcut.weight': [3, 4],
    },
  ],
  [
    'branch',
    branch([dense(1, { bias: false }), dense(2, { bias: false })]),
    [2, 3],
    [2, 3],
    { 'branch.dense.weight': [3, 1], 'branch.dense2.weight': [3, 2] },
  ],
  [
    'branch by name',
    branch({ left: dense(2, { bias: false }), right: tanh }, { merge: ([a]) => a as Value }),
    [2, 3],
    [2, 2],
    { 'branch.left.weight': [3, 2] },
  ],
  ['maxout', layers.maxout(5, { pieces: 3, bias: false }), [2, 3], [2, 5], { 'maxout.dense.weight': [3, 15] }],
  ['prelu', layers.prelu(), image, image, { 'prelu.slope': [4] }],
  ['lpPool', layers.lpPool(2, { p: 3 }), image, [2, 4, 4, 4], {}],
  ['stochasticPool', layers.stochasticPool(3, { stride: 2, padding: 1 }), image, [2, 4, 4, 4], {}],
  ['resize', layers.resize([4, 16]), image, [2, 4, 16, 4], {}],
  ['upsample', layers.upsample(3), image, [2, 24, 24, 4], {}],
  ['channelShuffle', layers.channelShuffle(2), image, image, {}],
  ['gaussianNoise', layers.gaussianNoise(0.1), image, image, {}],
  ['activityPenalty', layers.activityPenalty(0.1), image, image, {}],
  ['localResponseNorm', layers.localResponseNorm(), image, image, {}],
  ['l2Normalize', layers.l2Normalize({ scale: 20 }), image, image, { 'l2Normalize.scale': [4] }],
  ['leakyRelu', layers.leakyRelu(), image, image, {}],
  ['randomizedRelu', layers.randomizedRelu(), image, image, {}],
  ['elu', layers.elu(), image, image, {}],
  ...(
    ['identity', 'relu', 'relu6', 'sigmoid', 'tanh', 'silu', 'gelu', 'softplus', 'softmax', 'logSoftmax'] as const
  ).map((name): [string, layers.Block, readonly number[], readonly number[], Shapes] => [
    name,
    layers[name](),
    [2, 3],
    [2, 3],
    {},
  ]),
];

test.each(rows)('%s', (_, block, input, output, declared) => {
  const { y, shapes } = traced(block, input);
  expect([y.dtype, y.shape]).toEqual(['float32', output]);
  expect(shapes).toEqual(declared);
});

describe('paths', () => {
  test('sequential has no place of its own, unless it is given a name', () => {
    const features = () => sequential(dense(4), layers.relu(), dense(4));
    expect(Object.keys(traced(sequential(features(), dense(2)), [2, 3]).shapes)).toEqual([
      'dense.weight',
      'dense.bias',
      'dense2.weight',
      'dense2.bias',
      'dense3.weight',
      'dense3.bias',
    ]);
    expect(
      Object.keys(
        traced(sequential({ features: features(), activation: tanh, head: dense(2, { bias: false }) }), [2, 3]).shapes,
      ),
    ).toEqual([
      'features.dense.weight',
      'features.dense.bias',
      'features.dense2.weight',
      'features.dense2.bias',
      'head.weight',
    ]);
  });

  test('functions with parameters get a scope when they are named', () => {
    const factor: layers.Block = (x, scope) => mul(x, scope.param('factor', [], ones));
    expect(Object.keys(traced(sequential({ a: factor, b: factor }), [2, 3]).shapes)).toEqual(['a.factor', 'b.factor']);
  });

  test('a layer that is used twice shares its parameters, and their gradient is the sum over uses', () => {
    const shared = dense(3, { bias: false });
    const { y, shapes, trace } = traced(sequential(shared, tanh, shared), constant([[1, -2, 0.5]]));
    expect(Object.keys(shapes)).toEqual(['dense.weight']);
    const weight = trace.declarations.get('dense.weight')?.value as Value;
    expect(gradients(sum(y), [weight])[0]?.shape).toEqual([3, 3]);
  });

  test('outputs are named by their layers, taps by themselves', () => {
    const { y } = traced(sequential(dense(4), layers.relu(), tap('features'), dense(2)), [2, 3]);
    const names = reachable([y]).flatMap((node) => node.outputs.flatMap(({ name }) => name ?? []));
    expect(names).toEqual(expect.arrayContaining(['dense', 'features', 'dense2']));
  });

  test('initializers and activations can be chosen', () => {
    const { y, trace } = traced(
      dense(2, { weightInitializer: ones, biasInitializer: ones, activation: tanh }),
      constant([[1, 2]]),
    );
    expectHand(numbers(y, initialNumbers(trace)), [Math.tanh(4), Math.tanh(4)]);
  });

  test('layers of the user may take several inputs by name', () => {
    const both = layer('both', ({ left, right }: { left: Value; right: Value }, scope) =>
      mul(left, dense(3)(right, scope)),
    );
    const trace = newTrace();
    const y = both({ left: feed('left', [2, 3]), right: feed('right', [2, 5]) }, new Scope(trace));
    expect([y.shape, [...trace.declarations.keys()]]).toEqual([
      [2, 3],
      ['both.dense.weight', 'both.dense.bias'],
    ]);
  });
});

describe('numbers', () => {
  const numbersAfter = (trace: ReturnType<typeof newTrace>, ...sets: [string, Tensor64][]) =>
    new Map([...initialNumbers(trace), ...sets]);

  test('L-01 dense', () => {
    const { y, trace } = traced(dense(2), constant([[1, -1]]));
    const weights: [string, Tensor64][] = [
      [
        'dense.weight',
        tensor64([
          [1, 3],
          [2, 4],
        ]),
      ],
      ['dense.bias', tensor64([0.5, -0.5])],
    ];
    expect(numbers(y, numbersAfter(trace, ...weights))).toEqual([-0.5, -1.5]);
  });

  test('L-10 and L-11 counts of weights', () => {
    const weights = (block: layers.Block, channels: number) =>
      Object.values(traced(block, [1, 8, 8, channels]).shapes).reduce(
        (total, shape) => total + shape.reduce((a, b) => a * b, 1),
        0,
      );
    expect(weights(conv2d(64, 1, { bias: false }), 256)).toBe(16384);
    const ratio = weights(separableConv2d(128, 3, { bias: false }), 64) / weights(conv2d(128, 3, { bias: false }), 64);
    expectHand([ratio], [0.118924]);
  });

  test('L-23 the padding row of an embedding is 0 and gets no gradient', () => {
    const indices = constant(Int32Array.of(2, 0, 2));
    const { y, trace } = traced(embedding(4, 2, { paddingIndex: 2, weightInitializer: ones }), indices);
    const table = trace.declarations.get('embedding.weight')?.value as Value;
    const states = initialNumbers(trace);
    expect(numbers(y, states)).toEqual([0, 0, 1, 1, 0, 0]);
    expect(numbers(gradients(sum(y), [table])[0] as Value, states)).toEqual([1, 1, 0, 0, 0, 0, 0, 0]);
    expect(numbers(traced(embedding(4, 2, { weightInitializer: zeros }), indices).y, states)).toEqual(
      [1, 1, 1, 1, 1, 1].map((_, i) => (i < 2 || i > 3 ? 0 : 1)),
    );
  });

  const column = constant([[1], [2], [3], [4]]);

  test('N-03 running statistics, unbiased; or the plain average of batches', () => {
    const statistics = (batches: number, momentum?: number | null): number[] => {
      const { trace } = traced(batchNorm({ momentum }), column);
      let states = initialNumbers(trace);
      for (let i = 0; i < batches; i++) states = updated(trace, states);
      return ['mean', 'variance'].flatMap((name) => [...(states.get(`batchNorm.${name}`)?.data ?? [])]);
    };
    expectHand(statistics(1), [0.25, 1.066667]);
    expectHand(statistics(1, null), [2.5, 5 / 3]);
    expectHand(statistics(3, null), [2.5, 5 / 3]);
  });

  test('N-03 evaluation uses the running statistics and leaves them alone', () => {
    const { y, trace } = traced(batchNorm({ epsilon: 0 }), column, false);
    const states = numbersAfter(trace, ['batchNorm.mean', tensor64([1])], ['batchNorm.variance', tensor64([4])]);
    expectHand(numbers(y, states), [0, 0.5, 1, 1.5]);
    expect(trace.updates.size).toBe(0);
  });

  test('rescale: uint8 images to [0, 1]', () => {
    const pixels = constant({ dtype: 'uint8', shape: [1, 3], data: Uint8Array.of(0, 51, 255) });
    expectHand(numbers(traced(layers.rescale(), pixels).y), [0, 0.2, 1]);
    expectHand(numbers(traced(layers.rescale({ scale: 2, offset: -1 }), pixels).y), [-1, 101, 509]);
  });

  test('zeroPad and residual', () => {
    const [padded] = evaluate([
      traced(layers.zeroPad(1), constant({ dtype: 'float32', shape: [1, 1, 1, 1], data: Float32Array.of(7) })).y,
    ]);
    expect([...(padded?.data ?? [])]).toEqual([0, 0, 0, 0, 7, 0, 0, 0, 0]);
    expectHand(numbers(traced(residual(tanh), constant([[1, -1]])).y), [1.761594, -1.761594]);
  });
});

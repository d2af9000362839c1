/** Layers: a complaint for every misuse. */

import * as layers from '../../lib/layers';
import { tanh } from '../../lib/ops/elementwise';
import { constant } from '../../lib/ops/source';
import { refusal } from '../io/refusal';
import { traced } from './tracing';

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
} = layers;

const image = [2, 8, 8, 4];

const on =
  (block: layers.Block, shape: readonly number[], training = true) =>
  () =>
    traced(block, shape, training);

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  [
    'layer',
    () => layer('a.b', tanh),
    refusal('OPTION', "layer: expected the name to be text without dots or spaces but got 'a.b'"),
  ],
  ['layer', () => layer('', tanh), refusal('OPTION', 'the name')],
  [
    'dense',
    () => dense(0),
    refusal('VALUE', 'dense: expected the number of units to be a whole number of 1 or more but got 0'),
  ],
  ['dense', () => dense(3, { units: 1 } as never), refusal('OPTION', "'units'")],
  [
    'dense',
    on(dense(3), [4]),
    refusal('SHAPE', 'dense: expected the input to be [N, ..., F] but got float32[4] (at dense)'),
  ],
  ['dense', on(sequential(dense(3), dense(3)), [4, 0]), refusal('SHAPE', 'dense.weight')],
  ['conv2d', () => conv2d(0, 3), refusal('VALUE', 'conv2d: expected the number of filters')],
  ['conv2d', () => conv2d(4, 0), refusal('VALUE', 'conv2d: expected the kernel')],
  ['conv2d', () => conv2d(4, [3, 3, 3] as never), refusal('VALUE', '[height, width]')],
  ['conv2d', () => conv2d(4, 3, { strides: 2 } as never), refusal('OPTION', "'strides'")],
  ['conv2d', () => conv2d(4, 3, { groups: 0 }), refusal('VALUE', 'conv2d: expected groups')],
  [
    'conv2d',
    on(conv2d(4, 3), [2, 8]),
    refusal('SHAPE', 'conv2d: expected the input to be [N, H, W, C] but got float32[2, 8]'),
  ],
  [
    'conv2d',
    on(conv2d(6, 1, { groups: 3 }), image),
    refusal('SHAPE', 'conv2d: expected channels and filters to be multiples of groups = 3 but got 4 and 6'),
  ],
  ['conv2d', on(conv2d(4, 9), image), refusal('SHAPE', 'conv2d: expected the window')],
  ['depthwiseConv2d', () => depthwiseConv2d(3, { groups: 2 } as never), refusal('OPTION', "'groups'")],
  ['depthwiseConv2d', () => depthwiseConv2d(3, { multiplier: 0 }), refusal('VALUE', 'the multiplier')],
  ['depthwiseConv2d', on(depthwiseConv2d(3), [2, 8]), refusal('SHAPE', 'depthwiseConv2d: expected the input')],
  ['separableConv2d', () => separableConv2d(4, 3, { groups: 2 } as never), refusal('OPTION', "'groups'")],
  ['maxPool', () => layers.maxPool(2, { window: 3 } as never), refusal('OPTION', "'window'")],
  ['averagePool', () => layers.averagePool(2, { dilation: 3 } as never), refusal('OPTION', "'dilation'")],
  ['maxPool', on(layers.maxPool(9), image), refusal('SHAPE', 'maxPool: expected the window')],
  ['globalAveragePool', on(layers.globalAveragePool(), [2, 3]), refusal('SHAPE', 'globalAveragePool')],
  ['adaptiveAveragePool', on(layers.adaptiveAveragePool(0), image), refusal('VALUE', 'adaptiveAveragePool')],
  ['batchNorm', () => batchNorm({ momentum: 2 }), refusal('VALUE', 'batchNorm: expected momentum')],
  ['batchNorm', () => batchNorm({ epsilon: -1 }), refusal('VALUE', 'batchNorm: expected epsilon')],
  ['batchNorm', () => batchNorm({ decay: 0.9 } as never), refusal('OPTION', "'decay'")],
  [
    'batchNorm',
    on(batchNorm(), [1, 3]),
    refusal(
      'SHAPE',
      'batchNorm: expected the input to be of at least two numbers per channel while training but got float32[1, 3]',
    ),
  ],
  ['batchNorm', () => traced(batchNorm(), constant(Int32Array.of(1))), refusal('DTYPE', 'batchNorm')],
  ['dropout', () => dropout(1.5), refusal('VALUE', 'dropout: expected p')],
  ['dropout', () => dropout(0.5, { p: 0.5 } as never), refusal('OPTION', "'p'")],
  ['embedding', () => embedding(0, 3), refusal('VALUE', 'embedding: expected the count')],
  ['embedding', () => embedding(3, 0), refusal('VALUE', 'embedding: expected the number of features')],
  [
    'embedding',
    () => embedding(3, 2, { paddingIndex: 3 }),
    refusal('VALUE', 'embedding: expected paddingIndex to be below the count 3 but got 3'),
  ],
  ['embedding', () => embedding(3, 2, { paddingIndex: -1 }), refusal('VALUE', 'paddingIndex')],
  ['embedding', () => embedding(3, 2, { padding: 1 } as never), refusal('OPTION', "'padding'")],
  ['embedding', on(embedding(3, 2), [2]), refusal('DTYPE', 'gather: expected the indices to be int32')],
  ['reshape', on(layers.reshape(5), image), refusal('SHAPE', 'reshape')],
  ['zeroPad', () => layers.zeroPad(-1), refusal('VALUE', 'zeroPad: expected the padding')],
  ['zeroPad', on(layers.zeroPad(1), [2, 3]), refusal('SHAPE', 'zeroPad: expected the input to be [N, H, W, C]')],
  ['reflectPad', on(layers.reflectPad(8), image), refusal('SHAPE', 'pad')],
  ['rescale', () => layers.rescale({ scale: Number.NaN }), refusal('VALUE', 'rescale: expected scale')],
  ['rescale', () => layers.rescale({ offset: Infinity }), refusal('VALUE', 'rescale: expected offset')],
  ['rescale', () => layers.rescale({ factor: 2 } as never), refusal('OPTION', "'factor'")],
  ['softmax', () => layers.softmax({ temp: 2 } as never), refusal('OPTION', "'temp'")],
  [
    'sequential',
    () => sequential(),
    refusal('OPTION', 'sequential: expected the blocks to be at least one but got none'),
  ],
  [
    'sequential',
    () => sequential(dense(2), 3 as never),
    refusal('OPTION', 'sequential: expected block 1 to be a layer or a function but got number'),
  ],
  ['sequential', () => sequential({ 'a.b': dense(2) }), refusal('OPTION', "'a.b'")],
  ['branch', () => branch([]), refusal('OPTION', 'branch: expected the blocks to be at least one')],
  ['branch', () => branch([tanh], { merge: 'mean' as never }), refusal('OPTION', 'branch: expected merge')],
  ['branch', () => branch([tanh], { join: 'add' } as never), refusal('OPTION', "'join'")],
  [
    'branch',
    on(branch([dense(2), dense(3)], { merge: 'add' }), [2, 3]),
    refusal('SHAPE', 'add: expected the merged values', '[2, 2]', '[2, 3]', '(at branch)'),
  ],
  ['residual', () => residual(tanh, { around: tanh } as never), refusal('OPTION', "'around'")],
  ['residual', on(residual(dense(1)), [2, 3]), refusal('SHAPE', '[2, 1]', '[2, 3]', '(at residual)')],
];

test.each(bad)('%s refuses misuse %#', (_, build, expected) => expect(build).toThrow(expected));

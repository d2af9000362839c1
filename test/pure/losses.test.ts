/** Shapes of losses, and a complaint for every misuse. */
import type { DType } from '../../lib/graph/tensor';
import {
  absoluteError,
  binaryCrossEntropy,
  crossEntropy,
  type Loss,
  type Reduction,
  reduceLoss,
  squaredError,
} from '../../lib/losses';
import { feed } from '../../lib/ops/source';
import { refusal } from '../io/refusal';

const of = (shape: readonly number[], dtype: DType = 'float32') => feed('x', shape, dtype);
const ints = (...shape: number[]) => of(shape, 'int32');

const shapes: [string, Loss, readonly number[], readonly number[], DType, readonly number[]][] = [
  ['cross-entropy of labels', crossEntropy(), [8, 3], [8], 'int32', [8]],
  ['cross-entropy of one row', crossEntropy(), [3], [], 'int32', []],
  ['cross-entropy of probabilities', crossEntropy({ labelSmoothing: 0.1 }), [8, 3], [8, 3], 'float32', [8]],
  ['cross-entropy of sequences', crossEntropy({ weights: [1, 2, 3], ignoreIndex: 0 }), [8, 5, 3], [8, 5], 'int32', [8]],
  ['cross-entropy of every position', crossEntropy({ reduction: 'none' }), [8, 5, 3], [8, 5], 'int32', [8, 5]],
  ['binary cross-entropy', binaryCrossEntropy(), [8, 3], [8, 3], 'float32', [8]],
  ['squared error', squaredError(), [8, 3, 2], [8, 3, 2], 'float32', [8]],
  ['absolute error', absoluteError(), [8], [8], 'float32', [8]],
  ['a sum', absoluteError({ reduction: 'sum' }), [8, 2], [8, 2], 'float32', []],
  ['a mean', squaredError({ reduction: 'mean' }), [8, 2], [8, 2], 'float32', []],
];

test.each(shapes)('%s', (_, loss, prediction, target, dtype, expected) => {
  expect(loss(of(prediction), of(target, dtype)).shape).toEqual(expected);
});

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  [
    'crossEntropy',
    () => crossEntropy()(of([8, 3]), ints(7)),
    refusal(
      'SHAPE',
      'crossEntropy: expected the labels to be one per row of the prediction [..., classes] but got int32[7] (prediction float32[8, 3]',
    ),
  ],
  ['crossEntropy', () => crossEntropy()(of([8, 3]), ints(8, 1)), refusal('SHAPE', 'int32[8, 1]')],
  ['crossEntropy', () => crossEntropy()(of([]), ints()), refusal('SHAPE', 'int32[]')],
  [
    'crossEntropy',
    () => crossEntropy()(of([8, 3]), of([8])),
    refusal(
      'SHAPE',
      "crossEntropy: expected the target to be of the prediction's shape float32[8, 3] but got float32[8]",
    ),
  ],
  ['crossEntropy', () => crossEntropy()(of([8, 3]), of([8], 'uint8')), refusal('DTYPE', 'the labels', 'uint8[8]')],
  ['crossEntropy', () => crossEntropy()(ints(8, 3), ints(8)), refusal('DTYPE', 'int32[8, 3]')],
  [
    'crossEntropy',
    () => crossEntropy({ weights: [1, 2] })(of([8, 3]), ints(8)),
    refusal('SHAPE', 'crossEntropy: expected the number of weights to be that of the classes but got 2'),
  ],
  ['crossEntropy', () => crossEntropy({ weights: [1, -1] }), refusal('VALUE', 'every weight', 'but got -1')],
  ['crossEntropy', () => crossEntropy({ labelSmoothing: 2 }), refusal('VALUE', 'labelSmoothing', 'but got 2')],
  ['crossEntropy', () => crossEntropy({ ignoreIndex: 1.5 }), refusal('VALUE', 'ignoreIndex', 'but got 1.5')],
  [
    'crossEntropy',
    () => crossEntropy({ ignoreIndex: 1 })(of([8, 3]), of([8, 3])),
    refusal('OPTION', 'crossEntropy: expected ignoreIndex to be used with class indices'),
  ],
  ['crossEntropy', () => crossEntropy({ smoothing: 0.1 } as never), refusal('OPTION', "'smoothing'")],
  [
    'crossEntropy',
    () => crossEntropy({ reduction: 'average' as Reduction }),
    refusal('OPTION', "crossEntropy: expected reduction to be one of examples, none, mean, sum but got 'average'"),
  ],
  [
    'binaryCrossEntropy',
    () => binaryCrossEntropy()(of([8, 1]), of([8])),
    refusal('SHAPE', 'binaryCrossEntropy', 'float32[8, 1]', 'float32[8]'),
  ],
  [
    'binaryCrossEntropy',
    () => binaryCrossEntropy()(of([8]), ints(8)),
    refusal('DTYPE', 'binaryCrossEntropy: expected the target to be float32 but got int32[8]'),
  ],
  ['squaredError', () => squaredError()(of([8, 1]), of([8])), refusal('SHAPE', 'squaredError', 'float32[8, 1]')],
  [
    'squaredError',
    () => squaredError({ scale: Number.NaN }),
    refusal('VALUE', 'squaredError: expected scale to be a finite number but got NaN'),
  ],
  ['absoluteError', () => absoluteError()(of([8]), of([1])), refusal('SHAPE', 'absoluteError')],
  ['absoluteError', () => absoluteError({ mean: true } as never), refusal('OPTION', "'mean'")],
  [
    'reduceLoss',
    () => reduceLoss(of([8]), { reduction: 'max' as Reduction }),
    refusal('OPTION', 'reduceLoss: expected reduction'),
  ],
];

test.each(bad)('%s refuses misuse %#', (_, build, expected) => expect(build).toThrow(expected));

/** A complaint for every misuse of a metric. */
import { accuracy, confusionMatrix, meanAbsoluteError, meanSquaredError, topKAccuracy } from '../../lib/metrics';
import { feed } from '../../lib/ops/source';
import { refusal } from '../io/refusal';

const scores = feed('scores', [8, 3]);
const labels = feed('labels', [8], 'int32');

test('one number per example', () => {
  for (const metric of [accuracy(), topKAccuracy(2)]) {
    expect(metric(scores, labels).shape).toEqual([8]);
    expect(metric(scores, scores).shape).toEqual([8]);
    expect(metric(scores, labels).dtype).toBe('float32');
  }
  for (const metric of [meanAbsoluteError(), meanSquaredError()]) expect(metric(scores, scores).shape).toEqual([8]);
});

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  ['accuracy', () => accuracy()(scores, feed('y', [7], 'int32')), refusal('SHAPE', 'accuracy: expected the labels')],
  ['accuracy', () => accuracy()(scores, feed('y', [8])), refusal('SHAPE', 'accuracy: expected the target')],
  ['topKAccuracy', () => topKAccuracy(0), refusal('VALUE', 'topKAccuracy: expected k')],
  ['topKAccuracy', () => topKAccuracy(4)(scores, labels), refusal('VALUE', 'k')],
  [
    'topKAccuracy',
    () => topKAccuracy(1)(scores, feed('y', [8], 'uint8')),
    refusal('DTYPE', 'topKAccuracy: expected the labels to be int32'),
  ],
  ['meanSquaredError', () => meanSquaredError()(scores, labels), refusal('DTYPE', 'target')],
  [
    'confusionMatrix',
    () => confusionMatrix([0], [0, 1], 2),
    refusal('DATA', 'confusionMatrix: expected the number of predictions to be 1, that of the labels but got 2'),
  ],
  [
    'confusionMatrix',
    () => confusionMatrix([0, 2], [0, 1], 2),
    refusal('VALUE', 'every label to be a whole number between 0 and 1 but got 2 at 1'),
  ],
  ['confusionMatrix', () => confusionMatrix([0], [-1], 2), refusal('VALUE', 'every prediction', 'but got -1 at 0')],
  ['confusionMatrix', () => confusionMatrix([], [], 0), refusal('VALUE', 'the number of classes')],
];

test.each(bad)('%s refuses misuse %#', (_, build, expected) => expect(build).toThrow(expected));

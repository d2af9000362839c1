/** T-14: metrics and the confusion matrix. */
import {
  accuracy,
  confusionMatrix,
  editDistance,
  meanAbsoluteError,
  meanSquaredError,
  topKAccuracy,
} from '../../lib/metrics';
import { constant } from '../../lib/ops/source';
import { expectHand } from '../closeness';
import { numbers } from './numbers';

const scores = constant([
  [0.1, 0.7, 0.2],
  [0.5, 0.3, 0.2],
  [0.2, 0.3, 0.5],
  [0.4, 0.4, 0.2],
]);
const labels = constant(Int32Array.of(1, 2, 2, 1));

test('accuracy: the first of equal scores counts', () => {
  expect(numbers(accuracy()(scores, labels))).toEqual([1, 0, 1, 0]);
  expect(
    numbers(
      accuracy()(
        scores,
        constant([
          [0, 1, 0],
          [1, 0, 0],
          [0, 0, 1],
          [0.6, 0.4, 0],
        ]),
      ),
    ),
  ).toEqual([1, 1, 1, 1]);
});

test('top-k accuracy', () => {
  expect(numbers(topKAccuracy(1)(scores, labels))).toEqual([1, 0, 1, 0]);
  expect(numbers(topKAccuracy(2)(scores, labels))).toEqual([1, 0, 1, 1]);
  expect(numbers(topKAccuracy(3)(scores, labels))).toEqual([1, 1, 1, 1]);
});

test('mean errors', () => {
  const [a, b] = [
    constant([
      [1, 3],
      [2, 4],
    ]),
    constant([
      [0, 0],
      [0, 0],
    ]),
  ];
  expect(numbers(meanAbsoluteError()(a, b))).toEqual([2, 3]);
  expect(numbers(meanSquaredError()(a, b))).toEqual([5, 10]);
});

test('confusion matrix: recall and precision by class', () => {
  const printed = [
    [8, 1, 1],
    [2, 5, 3],
    [0, 4, 6],
  ];
  const pairs = printed.flatMap((row, label) =>
    row.flatMap((count, prediction) => Array.from({ length: count }, () => [label, prediction] as const)),
  );
  const { counts, ...shares } = confusionMatrix(
    pairs.map(([label]) => label),
    pairs.map(([, prediction]) => prediction),
    3,
  );
  expect(counts).toEqual(printed);
  expectHand([shares.accuracy, ...shares.recall, ...shares.precision], [0.633333, 0.8, 0.5, 0.6, 0.8, 0.5, 0.6]);
});

test('classes without examples or predictions have no recall or precision', () => {
  const { recall, precision } = confusionMatrix([0, 1], [0, 2], 4);
  expect(recall).toEqual([1, 0, Number.NaN, Number.NaN]);
  expect(precision).toEqual([1, Number.NaN, 0, Number.NaN]);
});

test.each([
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
  ['flaw', 'lawn', 2],
  ['same', 'same', 0],
])('the edit distance of %s and %s', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance([...b], [...a])).toBe(distance);
});

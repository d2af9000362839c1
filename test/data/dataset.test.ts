/** Datasets: what they refuse, and parts of them. */

import { classCounts, dataset, describe as describeDataset, subset, take } from '../../lib/data';
import { tensor } from '../../lib/graph/tensor';
import { refusal } from '../io/refusal';

const input = tensor([1, 2, 3, 4, 5, 6], [3, 2]);
const labels = tensor([0, 2, 0], [3], 'int32');
const small = dataset(input, labels, { classes: 3, name: 'small' });

describe('dataset', () => {
  test('keeps what it is given', () => {
    expect(small).toEqual({ input, target: labels, size: 3, classes: 3, name: 'small' });
    expect(small.input).toBe(input);
    expect(dataset(input, input)).toMatchObject({ size: 3, classes: undefined, name: 'dataset' });
  });

  test('empty', () => {
    expect(() => dataset(tensor([], [0, 2]), tensor([], [0]))).toThrow(
      refusal('DATA', 'one example at least', '[0, 2]'),
    );
    expect(() => dataset(tensor([], [3, 0]), labels)).toThrow(refusal('DATA', 'one example at least', '[3, 0]'));
    expect(() => dataset(tensor(1, []), tensor(1, []))).toThrow(refusal('DATA', 'one example at least', '[]'));
  });

  test('unequal numbers', () => {
    const two = tensor([0, 1], [2], 'int32');
    expect(() => dataset(input, two, { name: 'mine' })).toThrow(refusal('DATA', 'mine', 'number of targets', '3', '2'));
  });

  test('NaN and infinity, with the place', () => {
    const withNaN = tensor([1, 2, 3, Number.NaN, 5, 6], [3, 1, 2]);
    expect(() => dataset(withNaN, labels)).toThrow(refusal('VALUE', 'of the input', 'finite', 'NaN at [1, 0, 1]'));
    const infinite = tensor([1, 2, Number.NEGATIVE_INFINITY]);
    expect(() => dataset(input, infinite)).toThrow(refusal('VALUE', 'of the target', '-Infinity at [2]'));
  });

  test('labels out of range, with the place', () => {
    const below = tensor([0, -1, 0], [3], 'int32');
    expect(() => dataset(input, labels, { classes: 2 })).toThrow(
      refusal('VALUE', 'label', 'between 0 and 1', '2 at [1]'),
    );
    expect(() => dataset(input, below, { classes: 2 })).toThrow(refusal('VALUE', 'label', '-1 at [1]'));
  });

  test('classes of targets that are no labels', () => {
    expect(() => dataset(input, input, { classes: 2 })).toThrow(refusal('DATA', 'int32 labels [N]', 'float32[3, 2]'));
    expect(() => dataset(input, labels, { classes: 0 })).toThrow(refusal('VALUE', 'the number of classes', '0'));
  });

  test('unknown options', () => {
    expect(() => dataset(input, labels, { clases: 3 } as object)).toThrow(refusal('OPTION', "'clases'"));
  });
});

describe('subset and take', () => {
  test('copy rows in the order asked for', () => {
    const part = subset(small, [2, 0, 2]);
    expect(part).toEqual({
      input: tensor([5, 6, 1, 2, 5, 6], [3, 2]),
      target: tensor([0, 0, 0], [3], 'int32'),
      size: 3,
      classes: 3,
      name: 'small',
    });
    expect(take(small, 1).input).toEqual(tensor([1, 2], [1, 2]));
    expect(part.input.data.buffer).not.toBe(input.data.buffer);
  });

  test('refuse rows that are not there', () => {
    expect(() => subset(small, [0, 3])).toThrow(refusal('VALUE', 'subset of small', 'between 0 and 2', '3'));
    expect(() => subset(small, [0.5])).toThrow(refusal('VALUE', '0.5'));
    expect(() => subset(small, [])).toThrow(refusal('DATA', 'the number of indices'));
    expect(() => take(small, 4)).toThrow(refusal('DATA', 'take of small', 'at most 3', '4'));
    expect(() => take(small, 0)).toThrow(refusal('VALUE', 'the count', '0'));
  });
});

test('classCounts and describe', () => {
  expect(classCounts(small)).toEqual([2, 0, 1]);
  expect(describeDataset(small)).toBe('small: 3 examples of float32[2], 3 classes of 0 to 2');
  expect(describeDataset(dataset(input, input))).toBe('dataset: 3 examples of float32[2], targets float32[2]');
});

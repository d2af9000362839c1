/** Chapter J: the printed numbers of losses, in float64. */

import { absoluteError, binaryCrossEntropy, crossEntropy, reduceLoss, squaredError } from '../../lib/losses';
import { add, square, sub } from '../../lib/ops/elementwise';
import { mean } from '../../lib/ops/reduce';
import { constant } from '../../lib/ops/source';
import { expectHand } from '../closeness';
import { numbers, slope } from './numbers';

const labels = (...classes: number[]) => constant(Int32Array.from(classes));

describe('J-01 softmax cross-entropy', () => {
  const z = constant([[1, 2, 3]]);

  test('loss and gradient of a label', () => {
    const loss = crossEntropy()(z, labels(2));
    expectHand(numbers(loss), [0.407606]);
    expectHand(slope(loss, z, [1]), [0.090031, 0.244728, -0.334759]);
  });

  test('one-hot and soft targets', () => {
    expectHand(numbers(crossEntropy()(z, constant([[0, 0, 1]]))), [0.407606]);
    expectHand(numbers(crossEntropy()(z, constant([[0, 0.5, 0.5]]))), [0.907606]);
  });

  test('label smoothing', () => {
    const smooth = crossEntropy({ labelSmoothing: 0.1 });
    expectHand(numbers(smooth(z, labels(2))), [0.507606]);
    expectHand(numbers(smooth(z, constant([[0, 0, 1]]))), [0.507606]);
  });

  test('class weights make the mean a weighted one', () => {
    const rows = constant([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    const weights = [1, 2, 3];
    expectHand(numbers(crossEntropy({ weights, reduction: 'mean' })(rows, labels(2, 0))), [0.907606]);
    expectHand(numbers(mean(crossEntropy({ weights })(rows, labels(2, 0)))), [0.907606]);
  });

  test('ignored examples do not count', () => {
    const rows = constant([
      [1, 2, 3],
      [9, 9, 9],
    ]);
    const loss = mean(crossEntropy({ ignoreIndex: -100 })(rows, labels(2, -100)));
    expectHand(numbers(loss), [0.407606]);
    expectHand(slope(loss, rows), [0.090031, 0.244728, -0.334759, 0, 0, 0]);
  });

  test('a batch of ignored examples only has the loss 0', () => {
    expect(numbers(mean(crossEntropy({ ignoreIndex: 1 })(z, labels(1))))).toEqual([0]);
  });

  test('large logits stay finite', () => {
    const large = constant([
      [1e4, -1e4],
      [-1e4, 1e4],
    ]);
    expectHand(numbers(crossEntropy()(large, labels(0, 0))), [0, 20000]);
  });

  test('positions of a sequence count alike', () => {
    const sequence = constant([
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    ]);
    expectHand(
      numbers(crossEntropy()(sequence, constant({ dtype: 'int32', shape: [1, 2], data: Int32Array.of(2, 1) }))),
      [0.907606],
    );
  });
});

describe('J-02 binary cross-entropy', () => {
  test('of logits', () => {
    const z = constant([0.5, -1]);
    const loss = binaryCrossEntropy()(z, constant([1, 0]));
    expectHand(numbers(mean(loss)), [0.393669]);
  });

  test('its gradient is sigmoid(z) - y, also at 0 and far out', () => {
    const z = constant([0, 0, 2, -800, 800]);
    const y = constant([1, 0, 0.25, 0, 1]);
    const loss = binaryCrossEntropy({ reduction: 'sum' })(z, y);
    expectHand(slope(loss, z), [-0.5, 0.5, 0.880797 - 0.25, 0, 0]);
    expect(numbers(loss).every(Number.isFinite)).toBe(true);
  });
});

describe('J-04, J-05 squared and absolute error', () => {
  const residuals = constant([1, -2, 0.5]);
  const zero = constant([0, 0, 0]);

  test('means', () => {
    expectHand(numbers(mean(squaredError()(residuals, zero))), [1.75]);
    expectHand(numbers(mean(absoluteError()(residuals, zero))), [1.166667]);
  });

  test('half the sum', () => {
    expectHand(numbers(squaredError({ scale: 0.5, reduction: 'sum' })(residuals, zero)), [2.625]);
  });

  test('several outputs are averaged per example', () => {
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
    expect(numbers(squaredError()(a, b))).toEqual([5, 10]);
    expect(numbers(squaredError({ reduction: 'none' })(a, b))).toEqual([1, 9, 4, 16]);
    expect(numbers(squaredError({ reduction: 'mean' })(a, b))).toEqual([7.5]);
  });

  test('the gradient of the absolute error at 0 is 0', () => {
    const x = constant([1, 0, -1]);
    expect(slope(absoluteError({ reduction: 'sum' })(x, zero), x)).toEqual([1, 0, -1]);
  });
});

test('a loss of the user is reduced by reduceLoss', () => {
  const [a, b] = [constant([1, 2]), constant([0, 0])];
  const elements = add(square(sub(a, b)), 1);
  expect(numbers(reduceLoss(elements, { reduction: 'sum', scale: 2 }))).toEqual([14]);
});

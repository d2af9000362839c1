/** What a loss is, and what all losses demand of their operands. */
import { expectDType } from '../graph/define-op';
import { expect } from '../graph/errors';
import { sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';

/** Prediction and target to one number per example, of which the trainer takes the mean. */
export type Loss = (prediction: Value, target: Value) => Value;

/** Throws unless both are float32 of one shape: broadcasting would hide a wrong target. */
export function expectEqualShapes(where: string, prediction: Value, target: Value): void {
  expectDType(where, 'the prediction', prediction, 'float32');
  expectDType(where, 'the target', target, 'float32');
  expect(sameShape(prediction.shape, target.shape), 'SHAPE', () => ({
    where,
    what: 'the target',
    expected: `of the prediction's shape ${showType(prediction)}`,
    actual: showType(target),
  }));
}

/** Throws unless the target has one class index (int32) per row of the prediction [..., K]. */
export function expectLabels(where: string, prediction: Value, target: Value): void {
  expectDType(where, 'the prediction', prediction, 'float32');
  expectDType(where, 'the labels', target, 'int32');
  const isFit = prediction.shape.length > 0 && sameShape(prediction.shape.slice(0, -1), target.shape);
  expect(isFit, 'SHAPE', () => ({
    where,
    what: 'the labels',
    expected: 'one per row of the prediction [..., classes]',
    actual: showType(target),
    details: { prediction: showType(prediction) },
  }));
}

/** What a loss is, and what all losses demand of their operands. */
import { expectDType } from '../graph/define-op';
import { complaint, expect } from '../graph/errors';
import type { Scope } from '../graph/scope';
import { sameShape, showType } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';

/**
 * Prediction and target to one number per example, of which the trainer takes the mean. A loss that keeps states
 * (centres of classes, a count of steps) declares them in the scope that the trainer gives.
 */
export type Loss<P = Value, T = Value> = (prediction: P, target: T, scope?: Scope) => Value;

/** Throws unless `prediction` has a float32 value [N, F] under each of `names`. */
export function expectParts<K extends string>(
  where: string,
  prediction: unknown,
  names: readonly K[],
): Readonly<Record<K, Value>> {
  const parts = (isValue(prediction) ? {} : (prediction ?? {})) as Record<string, Value>;
  for (const name of names) {
    const part = parts[name];
    if (isValue(part) && part.dtype === 'float32' && part.shape.length === 2) continue;
    throw complaint('SHAPE', {
      where,
      what: 'the prediction',
      expected: `an object with ${names.join(', ')}, each float32 of two axes`,
      actual: isValue(part) ? `${name} ${showType(part)}` : `one without ${name}`,
    });
  }
  return parts as Record<K, Value>;
}

/** The scope, which a loss with states cannot do without. */
export function needScope(where: string, scope: Scope | undefined): Scope {
  if (scope) return scope;
  throw complaint('STATE', {
    where,
    what: 'the scope',
    expected: 'given, for the states of the loss',
    actual: 'nothing',
  });
}

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

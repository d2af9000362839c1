/** Masks of the steps of sequences that count. */
import { expect } from '../graph/errors';
import { type Shape, sameShape, showShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { logicalAnd } from '../ops/elementwise';

/** Throws unless `mask` is bool of `shape`. */
export function expectStepMask(where: string, mask: Value, shape: Shape): void {
  expect(mask.dtype === 'bool' && sameShape(mask.shape, shape), 'SHAPE', () => ({
    where,
    what: 'the mask',
    expected: `bool${showShape(shape)}`,
    actual: showType(mask),
  }));
}

/** The steps that count in both; a mask that is not given leaves all. */
export const bothMasks = (a: Value | undefined, b: Value): Value => (a ? logicalAnd(a, b) : b);

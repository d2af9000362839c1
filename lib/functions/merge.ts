/** Several values made one: concatenated along channels, added, multiplied. Shapes are never stretched. */
import { expect } from '../graph/errors';
import { sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { concat } from '../ops/concat';
import { add, mul } from '../ops/elementwise';
import { expectChoice } from './option-values';

/** How values are made one: by name, or by a function of them all. */
export type Merge = 'concat' | 'add' | 'multiply' | ((values: readonly Value[]) => Value);

/** Throws unless all values have one type and shape. */
export function expectSameTypes(where: string, what: string, values: readonly Value[]): void {
  const [first] = values;
  const isSame = (value: Value) => value.dtype === first?.dtype && sameShape(value.shape, first.shape);
  expect(first !== undefined && values.every(isSame), 'SHAPE', () => ({
    where,
    what,
    expected: 'of one type and shape',
    actual: values.length ? values.map(showType).join(' and ') : 'none',
  }));
}

const folded = (name: string, fold: (a: Value, b: Value) => Value) => (values: readonly Value[]) => {
  expectSameTypes(name, 'the merged values', values);
  return values.reduce((all, value) => fold(all, value));
};

const merges: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  concat: (values) => concat(values, { axis: -1 }),
  add: folded('add', add),
  multiply: folded('multiply', mul),
};

/** Throws unless `merge` is a known name or a function. */
export function expectMerge(where: string, merge: Merge): void {
  if (typeof merge !== 'function') expectChoice(where, 'merge', merge, Object.keys(merges));
}

/**
 * Makes one value of several.
 *
 * @param merge 'concat' along the last axis (channels), 'add' or 'multiply' (equal shapes), or a function
 * @throws ConvoltError `SHAPE` when the shapes do not fit
 */
export function mergeValues(values: readonly Value[], merge: Merge): Value {
  expectMerge('mergeValues', merge);
  return (typeof merge === 'function' ? merge : (merges[merge] as (values: readonly Value[]) => Value))(values);
}

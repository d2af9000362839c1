/** Embedding: a table of learned rows, looked up by index. */
import { expect, expectOptions } from '../graph/errors';
import type { Initializer } from '../graph/scope';
import { expectWhole } from '../graph/whole';
import { normal } from '../initializers/random';
import { equal, mul, where } from '../ops/elementwise';
import { gather } from '../ops/gather';
import { expandDims, stopGradient } from '../ops/shape';
import { constant } from '../ops/source';
import { type Layer, layer } from './layer';

export interface EmbeddingOptions {
  /** A row that starts as zeros and gets no gradient, for places that are only filled up. Default none. */
  readonly paddingIndex?: number;
  /** Default `normal()`, of mean 0 and deviation 1. */
  readonly weightInitializer?: Initializer;
}

/** `initializer` with row `index` of its `count` rows set to 0. */
function withZeroRow(initializer: Initializer, count: number, index: number): Initializer {
  const rows = Float32Array.from({ length: count }, (_, row) => (row === index ? 0 : 1));
  return (shape, key) => mul(initializer(shape, key), constant({ dtype: 'float32', shape: [count, 1], data: rows }));
}

/**
 * Rows of `weight` [count, features]: int32 [...] to [..., features].
 *
 * @throws ConvoltError `VALUE` when the program runs and an index lies outside of 0 to count - 1
 * @example embedding(vocabulary.size, 32)
 */
export function embedding(count: number, features: number, options: EmbeddingOptions = {}): Layer {
  expectWhole('embedding', 'the count', count, 1);
  expectWhole('embedding', 'the number of features', features, 1);
  expectOptions('embedding', options, ['paddingIndex', 'weightInitializer']);
  const { paddingIndex, weightInitializer = normal() } = options;
  if (paddingIndex === undefined) {
    return layer('embedding', (x, scope) => gather(scope.param('weight', [count, features], weightInitializer), x));
  }
  expectWhole('embedding', 'paddingIndex', paddingIndex, 0);
  expect(paddingIndex < count, 'VALUE', () => ({
    where: 'embedding',
    what: 'paddingIndex',
    expected: `below the count ${count}`,
    actual: `${paddingIndex}`,
  }));
  const initializer = withZeroRow(weightInitializer, count, paddingIndex);
  return layer('embedding', (x, scope) => {
    const rows = gather(scope.param('weight', [count, features], initializer), x);
    return where(expandDims(equal(x, paddingIndex), -1), stopGradient(rows), rows);
  });
}

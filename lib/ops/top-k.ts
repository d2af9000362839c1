/** The k largest elements of every row. */
import { defineOp, expectDType } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { putAlongAxis } from './along-axis';

/** values[..., i] is the i-th largest of x[...], at indices[..., i]; of equal ones the first comes first. */
const topKOp = defineOp<{ k: number }>({
  name: 'topK',
  kind: 'kernel',
  infer: ([input], { k }) => {
    const x = input as Value;
    expectDType('topK', 'the input', x, 'float32');
    const shape = [...x.shape.slice(0, -1), k];
    return [
      { dtype: 'float32', shape },
      { dtype: 'int32', shape },
    ];
  },
  gradient: ({ inputs: [x], outputs: [, indices] }, [g]) => [
    g ? putAlongAxis(indices as Value, g, { size: (x as Value).shape.at(-1) as number }) : null,
  ],
  encode: () => [],
});

/**
 * The `k` largest elements of the last axis of `x` in falling order, with their positions (int32). Ties are broken
 * by the lower position; NaN counts as largest.
 *
 * @throws ConvoltError `VALUE` unless 1 <= k <= the length of the last axis
 */
export function topK(x: Value, options: { k: number }): { values: Value; indices: Value } {
  expectOptions('topK', options, ['k']);
  const { k } = options;
  expect(Number.isInteger(k) && k >= 1 && k <= (x.shape.at(-1) ?? 0), 'VALUE', () => ({
    where: 'topK',
    what: 'k',
    expected: `between 1 and the length of the last axis`,
    actual: `${k}`,
    details: { input: showType(x) },
  }));
  const [values, indices] = topKOp([x], { k }).outputs as [Value, Value];
  return { values, indices };
}

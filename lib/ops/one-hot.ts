/** Class indices as rows of zeros with a single one. */
import { defineOp, expectDType } from '../graph/define-op';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';

/** y[..., k] = 1 if indices[...] = k, else 0. */
const oneHotOp = defineOp<{ depth: number }>({
  name: 'oneHot',
  kind: 'kernel',
  infer: ([input], { depth }) => {
    const indices = input as Value;
    expectDType('oneHot', 'the indices', indices, 'int32');
    return { dtype: 'float32', shape: [...indices.shape, depth] };
  },
  encode: () => [],
});

/**
 * int32 indices [...] as float32 [..., depth].
 *
 * @throws ConvoltError `VALUE` when the program runs and an index lies outside of 0 to depth - 1
 */
export function oneHot(indices: Value, depth: number): Value {
  expectWhole('oneHot', 'the depth', depth, 1);
  return oneHotOp([indices], { depth }).outputs[0] as Value;
}

/** Which steps of padded sequences are there: from the lengths to a mask. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';

/** y[n, t] = t < lengths[n]. */
const sequenceMaskOp = defineOp<{ steps: number }>({
  name: 'sequenceMask',
  kind: 'kernel',
  infer: ([lengths], { steps }) => {
    expectDType('sequenceMask', 'the lengths', lengths as Value, 'int32');
    expectRank('sequenceMask', 'the lengths', lengths as Value, 1, 'int32[N]');
    return { dtype: 'bool', shape: [...(lengths as Value).shape, steps] };
  },
  encode: () => [],
});

/**
 * The steps that sequences of unequal length have: lengths int32 [N] to bool [N, steps].
 *
 * @throws ConvoltError `VALUE` when the program runs and a length lies outside of 1 to `steps`
 * @example sequenceMask(constant(Int32Array.of(1, 3)), 3) // [[true, false, false], [true, true, true]]
 */
export function sequenceMask(lengths: Value, steps: number): Value {
  expectWhole('sequenceMask', 'the number of steps', steps, 1);
  return sequenceMaskOp([lengths], { steps }).outputs[0] as Value;
}

/** The guard against NaN and infinity. */
import { defineOp, expectDType } from '../graph/define-op';
import type { Value } from '../graph/value';

const checkFiniteOp = defineOp<Record<string, never>>({
  name: 'checkFinite',
  kind: 'kernel',
  infer: ([x]) => {
    expectDType('checkFinite', 'the input', x as Value, 'float32');
    return { dtype: 'int32', shape: [] };
  },
  encode: () => [],
});

/**
 * A scalar (int32 0) that exists only if every element of `x` is finite.
 *
 * @throws ConvoltError `NOT_FINITE` when the program runs and an element is NaN or infinite
 */
export const checkFinite = (x: Value): Value => checkFiniteOp([x], {}).outputs[0] as Value;

/** The guard against variances of which cancellation has left too few digits. */
import { defineOp, expectDType } from '../graph/define-op';
import { expect } from '../graph/errors';
import { sameShape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';

const exactVarianceOp = defineOp<Record<string, never>>({
  name: 'exactVariance',
  kind: 'kernel',
  infer: ([x, offset, variance]) => {
    const shape = (x as Value).shape.slice(-1);
    for (const [what, value] of Object.entries({ 'the offset': offset, 'the variance': variance })) {
      expectDType('exactVariance', what, value as Value, 'float32');
      expect(sameShape((value as Value).shape, shape), 'SHAPE', () => ({
        where: 'exactVariance',
        what,
        expected: showShape(shape),
        actual: showShape((value as Value).shape),
      }));
    }
    return { dtype: 'float32', shape };
  },
  gradient: (_, [g]) => [null, null, g ?? null],
  encode: () => [],
});

/**
 * The variances of the channels of x, computed again from x where they came from a difference of large numbers.
 *
 * A variance taken as E[(x - s)^2] - (E[x] - s)^2 is off by a share of about 2e-7 (1 + offset^2 / variance), where
 * offset = E[x] - s. Where offset^2 is more than 64 times the variance, it is taken as E[(x - E[x])^2] instead, in
 * float64: a pass over memory that is rarely needed. The derivative is that of `variance`, which is the same function.
 *
 * @param x float32 [..., C]
 * @param offset distance of the mean from s, [C]
 * @param variance [C]
 * @returns [C]
 */
export const exactVariance = (x: Value, offset: Value, variance: Value): Value =>
  exactVarianceOp([x, offset, variance], {}).outputs[0] as Value;

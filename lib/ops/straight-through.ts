/** The numbers of one value with the gradient of another. */
import { defineOp } from '../graph/define-op';
import type { Value } from '../graph/value';

const straightThroughOp = defineOp<Record<string, never>>({
  name: 'straightThrough',
  kind: 'view',
  infer: ([forward]) => forward as Value,
  gradient: (_, [g]) => [null, g ?? null],
});

/** `forward`, whose gradient goes to `surrogate`, a value of the same shape that is not computed for it. */
export const withGradientOf = (surrogate: Value, forward: Value): Value =>
  straightThroughOp([forward, surrogate], {}).outputs[0] as Value;

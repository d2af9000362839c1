/** Adam's direction: the mean gradient over its root mean square (Kingma and Ba 2015). */

import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { add, div, expm1, mul, neg, square } from '../ops/elementwise';
import { type EpsilonMode, expectEpsilon, rootOf } from './epsilon';
import { mapUpdates, movingState, stepCount, type Transform } from './transform';

/** The constants of Adam. */
export interface AdamScaling {
  /** Share of the old mean, from 0 to below 1. Default 0.9. */
  readonly beta1?: number;
  /** Share of the old mean square, from 0 to below 1. Default 0.999. */
  readonly beta2?: number;
  /** Keeps the root from being 0; above 0. Default 1e-8. */
  readonly epsilon?: number;
  /** Default 'outside': m' / (sqrt(v') + epsilon). */
  readonly epsilonMode?: EpsilonMode;
}

/** The names of all options. */
export const adamScalingOptions = ['beta1', 'beta2', 'epsilon', 'epsilonMode'] as const;

/** 1 - beta^t. By expm1, since beta^t itself would round away what is left near 1. */
const remainder = (beta: number, t: Value): Value => neg(expm1(mul(t, Math.log(beta))));

/**
 * The direction of `adam`, from running means of the gradient and of its square (Kingma and Ba 2015):
 *
 *     m <- beta1 * m + (1 - beta1) * g
 *     v <- beta2 * v + (1 - beta2) * g^2
 *     u = m' / (sqrt(v') + epsilon)  with  m' = m / (1 - beta1^t),  v' = v / (1 - beta2^t),  t = 1, 2, ...
 *
 * With the step of `scaleByRate` it is one loop over memory: keep the order of the operations, which the core knows.
 */
export function scaleByAdam(options: AdamScaling = {}): Transform {
  expectOptions('scaleByAdam', options, adamScalingOptions);
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, epsilonMode = 'outside' } = options;
  expectNumber('scaleByAdam', 'beta1', beta1, { least: 0, below: 1 });
  expectNumber('scaleByAdam', 'beta2', beta2, { least: 0, below: 1 });
  expectEpsilon('scaleByAdam', epsilon, epsilonMode);
  return (gradients, _, scope) =>
    scope.child('adam', (inner) => {
      const t = add(stepCount(inner), 1);
      const [correction1, correction2] = [remainder(beta1, t), remainder(beta2, t)];
      return mapUpdates(gradients, (g, path) => {
        const m = movingState(inner, 'mean', path, g, (old) => add(mul(old, beta1), mul(g, 1 - beta1)));
        const v = movingState(inner, 'meanSquare', path, g, (old) => add(mul(old, beta2), mul(square(g), 1 - beta2)));
        return div(div(m, correction1), rootOf(div(v, correction2), epsilon, epsilonMode));
      });
    });
}

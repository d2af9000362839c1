/** How far training has come: steps and epochs, as values of the step. */
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { zeros } from '../initializers/constant';
import { add } from '../ops/elementwise';

/** The number of training steps done before this one: a float32 scalar, exact up to 2^24. */
export function stepCount(scope: Scope): Value {
  const step = scope.state('step', [], zeros);
  if (scope.training) scope.update(step, add(step, 1));
  return step;
}

/** Where the number of epochs stands. */
export const epochCountPath = 'epochs';

/** The number of whole epochs of training done before this step: a float32 scalar, which `fit` keeps. */
export const epochCount = (scope: Scope): Value => scope.root.state(epochCountPath, [], zeros);

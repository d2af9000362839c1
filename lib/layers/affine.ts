/** What all layers with a weight share: initializers, bias, activation. */
import type { Initializer, Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { zeros } from '../initializers/constant';
import { heNormal } from '../initializers/he';
import { add } from '../ops/elementwise';

export interface AffineOptions {
  /** False leaves the bias out. Default true. */
  readonly bias?: boolean;
  /** Default `heNormal()`. */
  readonly weightInitializer?: Initializer;
  /** Default zeros. */
  readonly biasInitializer?: Initializer;
  /** Applied to the result. Default none. */
  readonly activation?: (x: Value) => Value;
}

/** The names of all options. */
export const affineOptions = ['bias', 'weightInitializer', 'biasInitializer', 'activation'] as const;

/** The parameter `weight` of `shape`. */
export const weightOf = (scope: Scope, shape: readonly number[], { weightInitializer }: AffineOptions): Value =>
  scope.param('weight', shape, weightInitializer ?? heNormal());

/** activation(y + bias), with the parameter `bias` on the last axis of y. */
export function finish(y: Value, scope: Scope, options: AffineOptions): Value {
  const { bias = true, biasInitializer = zeros, activation = (x) => x } = options;
  const units = y.shape.at(-1) as number;
  return activation(bias ? add(y, scope.param('bias', [units], biasInitializer)) : y);
}

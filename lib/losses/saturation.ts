/** Why cross-entropy instead of squared error: what is left of the gradient where a sigmoid is saturated and wrong. */

/** Gradients of both losses with respect to a logit. */
export interface SigmoidSlopes {
  /** a = sigmoid(z). */
  readonly activation: number;
  /** Of the cross-entropy: a - y. */
  readonly crossEntropy: number;
  /** Of half the squared error: (a - y) a (1 - a). */
  readonly squaredError: number;
}

/**
 * The gradients with respect to the logit z of an output a = sigmoid(z) with target y: a - y of the cross-entropy, and
 * (a - y) a (1 - a) of the squared error (a - y)^2 / 2.
 *
 * The larger the error, the faster cross-entropy descends. The squared error has the factor a (1 - a), the slope of the
 * sigmoid, which is near 0 just where the unit is sure and wrong: it learns slowest where it should learn fastest.
 *
 * @example sigmoidSlopes(-5, 1) // crossEntropy -0.993307, squaredError -0.006604
 */
export function sigmoidSlopes(logit: number, target: number): SigmoidSlopes {
  const activation = 1 / (1 + Math.exp(-logit));
  const crossEntropy = activation - target;
  return { activation, crossEntropy, squaredError: crossEntropy * activation * (1 - activation) };
}

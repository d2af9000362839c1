/** A penalty on activations: few units shall be active (Glorot et al. 2011). */
import { expectNumber } from '../functions/option-values';
import { expect } from '../graph/errors';
import { showType } from '../graph/tensor';
import { abs, cast, div, mul, notEqual } from '../ops/elementwise';
import { mean, sum } from '../ops/reduce';
import { type Layer, layer } from './layer';

/**
 * Adds lambda * (sum of |a|) / N to the loss of training, where a are the activations [N, ...] that pass unchanged (Glorot
 * et al. 2011). `activeFractions` tells the share of them that is not 0.
 *
 * @param lambda 0 or more
 * @throws ConvoltError `SHAPE` while tracing when the input has no examples
 * @example sequential(dense(128), relu(), activityPenalty(1e-3), dense(10))
 */
export function activityPenalty(lambda: number): Layer {
  expectNumber('activityPenalty', 'lambda', lambda, { least: 0 });
  return layer('activityPenalty', (x, scope) => {
    const [n = 0] = x.shape;
    expect(n > 0, 'SHAPE', () => ({
      where: 'activityPenalty',
      what: 'the input',
      expected: '[N, ...]',
      actual: showType(x),
    }));
    scope.observe('active', mean(cast(notEqual(x, 0), 'float32')));
    if (lambda > 0) scope.penalize(mul(div(sum(abs(x)), n), lambda));
    return x;
  });
}

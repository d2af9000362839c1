/** Noise on activations while training (Bishop 1995). */
import { expectNumber } from '../functions/option-values';
import { add, mul } from '../ops/elementwise';
import { randomNormal } from '../ops/random';
import { type Layer, layer } from './layer';

/**
 * x + e with e normal of mean 0 and standard deviation `std` while training, x itself afterwards: before or behind the
 * last layer it keeps a classifier from being too sure (Bishop 1995).
 *
 * @param std 0 or more
 * @example sequential(features, gaussianNoise(0.1), dense(10))
 */
export function gaussianNoise(std: number): Layer {
  expectNumber('gaussianNoise', 'std', std, { least: 0 });
  return layer('gaussianNoise', (x, scope) =>
    scope.training && std > 0 ? add(x, mul(randomNormal(scope.key(), x.shape), std)) : x,
  );
}

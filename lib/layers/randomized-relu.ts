/** The leaky ReLU with random slopes as a layer. */
import {
  type RandomizedReluOptions,
  randomizedRelu as randomized,
  resolveRandomizedRelu,
} from '../functions/randomized-relu';
import { type Layer, layer } from './layer';

/**
 * x where x > 0, else a * x, with a uniform in [low, high) for every element while training and (low + high) / 2
 * afterwards (Xu et al. 2015). Default bounds 1/8 and 1/3.
 *
 * @param options.form 'divide': x / a with a in [3, 8), as in the paper; default 'multiply'
 * @example sequential(conv2d(16, 3), randomizedRelu())
 */
export function randomizedRelu(options: RandomizedReluOptions = {}): Layer {
  const resolved = resolveRandomizedRelu(options);
  return layer('randomizedRelu', (x, scope) => randomized(x, scope.training ? scope.key() : undefined, resolved));
}

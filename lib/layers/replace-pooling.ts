/** Strided convolutions in place of pooling (Springenberg et al. 2015). */
import { expect } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { conv2d } from '../ops/conv2d';
import type { PoolOptions } from '../ops/pool';
import { type Pair, resolvePair } from '../ops/window';
import { finish, weightOf } from './affine';
import { type Block, type Layer, layer } from './layer';

/** Models that are being traced with their pooling replaced. */
let replacing = 0;

/**
 * Makes the body of a pooling layer, which becomes a convolution within `replacePooling`: a window of F and a stride of S
 * pixels become F x F taps with stride S, with as many filters as channels.
 */
export function pooling(name: string, options: PoolOptions, pool: (x: Value) => Value): Layer {
  return layer(name, (x, scope) => (replacing ? convolved(name, x, scope, options) : pool(x)));
}

function convolved(name: string, x: Value, scope: Scope, options: PoolOptions): Value {
  expect(!options.ceil, 'OPTION', () => ({
    where: name,
    what: "the option 'ceil'",
    expected: 'false where a convolution takes the place of pooling',
    actual: 'true',
  }));
  const window: Pair = resolvePair(name, 'the window', options.window, 1);
  const channels = x.shape[3] as number;
  const weight = weightOf(scope, [...window, channels, channels], {});
  const { stride = window, padding } = options;
  return finish(conv2d(x, weight, { stride, padding }), scope, {});
}

/**
 * The same model with a strided convolution in place of every layer `maxPool` and `averagePool` (Springenberg et al. 2015,
 * the all-convolutional network): the network learns how to make images smaller. All shapes stay as they are.
 *
 * Parameters: `maxPool.weight` [F, F, C, C] and `maxPool.bias` [C], by the path of the layer that is replaced.
 *
 * @throws ConvoltError `OPTION` while tracing when a layer pools with `ceil`
 * @example const model = replacePooling(cnn());
 */
export function replacePooling(model: Block): Layer {
  const apply = (x: Value, scope: Scope): Value => {
    replacing++;
    try {
      return model(x, scope);
    } finally {
      replacing--;
    }
  };
  return Object.assign(apply, { layerName: 'replacePooling' });
}

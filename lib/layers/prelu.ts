/** The leaky ReLU whose slope is learned (He et al. 2015). */
import { prelu as preluOf } from '../functions/activations';
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { constant } from '../initializers/constant';
import { type Layer, layer } from './layer';

export interface PreluOptions {
  /** One slope for all channels instead of one for each. Default false. */
  readonly shared?: boolean;
  /** The slope at first. Default 0.25. */
  readonly slope?: number;
}

/**
 * x where x > 0, else slope * x, with a learned slope for each channel, or one for all (He et al. 2015).
 *
 * Parameter: `slope` [C], or [1] when shared. Weight decay would pull it towards the plain ReLU: leave it out of penalties,
 * e.g. by `{ match: /weight$/ }`.
 *
 * @example sequential(conv2d(16, 3), prelu(), conv2d(16, 3), prelu({ shared: true }))
 */
export function prelu(options: PreluOptions = {}): Layer {
  expectOptions('prelu', options, ['shared', 'slope']);
  const { shared = false, slope = 0.25 } = options;
  expectNumber('prelu', 'slope', slope);
  return layer('prelu', (x, scope) =>
    preluOf(x, scope.param('slope', [shared ? 1 : (x.shape.at(-1) as number)], constant(slope))),
  );
}

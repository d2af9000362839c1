/** Adagrad: every parameter has a rate of its own that falls with what it has been moved (Duchi et al. 2011). */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { constant } from '../initializers/constant';
import { add, div, square } from '../ops/elementwise';
import { type AdaptiveOptions, adaptive } from './adaptive';
import { type EpsilonMode, expectEpsilon, rootOf } from './epsilon';
import { mapUpdates, movingState, type Transform } from './transform';

/** Options of the direction of `adagrad`. */
export interface AdagradScaling {
  /** Keeps the root from being 0; above 0. Default 1e-6. */
  readonly epsilon?: number;
  /** Default 'inside': g / sqrt(s + epsilon). */
  readonly epsilonMode?: EpsilonMode;
  /** The first s, 0 or more. Default 0. */
  readonly initial?: number;
}

const scalingOptions = ['epsilon', 'epsilonMode', 'initial'];

/** s <- s + g^2, u = g / sqrt(s + epsilon): the direction of `adagrad`. */
export function scaleBySquareSum(options: AdagradScaling = {}): Transform {
  expectOptions('scaleBySquareSum', options, scalingOptions);
  const { epsilon = 1e-6, epsilonMode = 'inside', initial = 0 } = options;
  expectEpsilon('scaleBySquareSum', epsilon, epsilonMode);
  expectNumber('scaleBySquareSum', 'initial', initial, { least: 0 });
  return (gradients, _, scope) =>
    scope.child('adagrad', (inner) =>
      mapUpdates(gradients, (g, path) => {
        const s = movingState(inner, 'squareSum', path, g, (old) => add(square(g), old), constant(initial));
        return div(g, rootOf(s, epsilon, epsilonMode));
      }),
    );
}

/**
 * s <- s + g^2, w <- w - rate * g / sqrt(s + epsilon) (Duchi et al. 2011).
 *
 * Rates only fall, fastest where gradients were large: rare features keep large steps, and training may come to a stop
 * too early.
 *
 * @param options.rate default 0.01
 * @param options.epsilonMode 'outside' is PyTorch's: g / (sqrt(s) + epsilon)
 * @example adagrad({ rate: 0.05 })
 */
export const adagrad = (options: AdaptiveOptions & AdagradScaling = {}): Transform =>
  adaptive<AdagradScaling>('adagrad', options, scalingOptions, scaleBySquareSum, { rate: 0.01 });

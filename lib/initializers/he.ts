/** He initialisation, which keeps the variance of ReLU layers: half of the inputs of a unit are 0 (He et al. 2015). */
import { expectNumber } from '../functions/option-values';
import type { FanMode } from './fans';
import { type Scaling, scaledNormal, scaledUniform } from './variance-scaling';

export interface HeOptions {
  /** Default 'in'. */
  readonly fan?: FanMode;
  /** Slope of a leaky ReLU below 0. Default 0, the plain ReLU. */
  readonly slope?: number;
  /** Above 0. Default sqrt(2 / (1 + slope^2)). */
  readonly gain?: number;
}

const optionNames = ['fan', 'slope', 'gain'];

function resolve({ fan = 'in', slope = 0, gain = Math.sqrt(2 / (1 + slope ** 2)) }: HeOptions, where: string): Scaling {
  expectNumber(where, 'slope', slope);
  return { fan, gain };
}

/**
 * Normal with standard deviation gain / sqrt(fan): sqrt(2 / in) by default (He et al. 2015).
 *
 * @example dense(64, { weightInitializer: heNormal({ slope: 0.01 }) }) // before a leaky ReLU
 */
export const heNormal = scaledNormal('heNormal', optionNames, resolve);

/**
 * Uniform in [-a, a) with a = gain * sqrt(3 / fan): sqrt(6 / in) by default (He et al. 2015).
 *
 * @example conv2d(16, 3, { weightInitializer: heUniform() })
 */
export const heUniform = scaledUniform('heUniform', optionNames, resolve);

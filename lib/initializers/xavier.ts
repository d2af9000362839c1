/** Xavier initialisation, which keeps the variance of linear and tanh layers (Glorot and Bengio 2010). */
import type { FanMode } from './fans';
import { type Scaling, scaledNormal, scaledUniform } from './variance-scaling';

export interface XavierOptions {
  /** Default 'average', as in the paper: (in + out) / 2. */
  readonly fan?: FanMode;
  /** Extra factor above 0. Default 1; 5/3 suits tanh. */
  readonly gain?: number;
}

const optionNames = ['fan', 'gain'];

const resolve = ({ fan = 'average', gain = 1 }: XavierOptions): Scaling => ({ fan, gain });

/**
 * Normal with standard deviation gain / sqrt(fan), where the fan is (in + out) / 2 by default (Glorot and Bengio 2010).
 *
 * @example dense(64, { weightInitializer: xavierNormal({ fan: 'in' }), activation: tanh })
 */
export const xavierNormal = scaledNormal('xavierNormal', optionNames, resolve);

/**
 * Uniform in [-a, a) with a = gain * sqrt(3 / fan), the same deviation as `xavierNormal` (Glorot and Bengio 2010).
 *
 * @example dense(64, { weightInitializer: xavierUniform(), activation: sigmoid })
 */
export const xavierUniform = scaledUniform('xavierUniform', optionNames, resolve);

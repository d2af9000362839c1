/** Random weights whose variance is gain^2 / fan: the common form of Xavier and He. */

import { expectChoice, expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Initializer } from '../graph/scope';
import { type FanMode, fanModes, fanOf } from './fans';
import { normal, uniform } from './random';

export interface Scaling {
  readonly fan: FanMode;
  readonly gain: number;
}

/** Fills in the defaults of an initializer's options. */
type Resolve<Options> = (options: Options, where: string) => Scaling;

/** Makes an initializer of options; `draw` gives numbers of a standard deviation. */
const scaled =
  (draw: (std: number) => Initializer) =>
  <Options extends object>(name: string, optionNames: readonly string[], resolve: Resolve<Options>) =>
  (options: Options = {} as Options): Initializer => {
    expectOptions(name, options, optionNames);
    const { fan, gain } = resolve(options, name);
    expectChoice(name, 'fan', fan, fanModes);
    expectNumber(name, 'gain', gain, { above: 0 });
    return (shape, key) => draw(gain / Math.sqrt(fanOf(name, shape, fan)))(shape, key);
  };

/** Normal with the standard deviation gain / sqrt(fan). */
export const scaledNormal = scaled((std) => normal({ std }));

/** Uniform in [-a, a) with the same deviation: a = sqrt(3) * std. */
export const scaledUniform = scaled((std) => uniform({ low: -Math.sqrt(3) * std, high: Math.sqrt(3) * std }));

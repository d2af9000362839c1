/** Activations as layers. Any function of one value can stand in a network as it is; these take part in paths. */

import * as functions from '../functions/activations';
import { type BinarySignOptions, binarySign as binarySignOf } from '../functions/binary-sign';
import * as hard from '../functions/hard-tanh';
import { logSoftmax as logSoftmaxOf, type SoftmaxOptions, softmax as softmaxOf } from '../functions/softmax';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { type Layer, layer } from './layer';

const activation = (name: string, apply: (x: Value) => Value) => (): Layer => layer(name, (x) => apply(x));

/**
 * x.
 *
 * @example sequential(dense(32), identity())
 */
export const identity = activation('identity', functions.identity);
/**
 * max(0, x) (Nair and Hinton 2010).
 *
 * @example sequential(dense(32), relu())
 */
export const relu = activation('relu', functions.relu);
/**
 * min(max(0, x), 6) (Howard et al. 2017, MobileNets).
 *
 * @example sequential(dense(32), relu6())
 */
export const relu6 = activation('relu6', functions.relu6);
/**
 * 1 / (1 + e^-x): from 0 to 1, saturates, and its slope is 1/4 at most (Rumelhart et al. 1986).
 *
 * @example sequential(dense(32), sigmoid())
 */
export const sigmoid = activation('sigmoid', functions.sigmoid);
/**
 * The hyperbolic tangent 2 / (1 + e^-2x) - 1: from -1 to 1 with mean 0 (LeCun et al. 1998).
 *
 * @example sequential(dense(32), tanh())
 */
export const tanh = activation('tanh', functions.tanh);
/**
 * x * sigmoid(x).
 *
 * @example sequential(dense(32), silu())
 */
export const silu = activation('silu', functions.silu);
/**
 * x * P(a standard normal number is below x).
 *
 * @example sequential(dense(32), gelu())
 */
export const gelu = activation('gelu', functions.gelu);
/** x limited to [-1, 1]. */
export const hardTanh = activation('hardTanh', hard.hardTanh);
/** (x + 1) / 2 limited to [0, 1]. */
export const hardSigmoid = activation('hardSigmoid', hard.hardSigmoid);
/** 1 where x >= 0, else -1; the options are those of the function `binarySign`. */
export const binarySign = (options: BinarySignOptions = {}): Layer =>
  layer('binarySign', (x) => binarySignOf(x, options));
/**
 * log(1 + e^x).
 *
 * @example sequential(dense(32), softplus())
 */
export const softplus = activation('softplus', functions.softplus);

/**
 * x where x > 0, else slope * x (Maas et al. 2013); slope 0.01 by default.
 *
 * @example sequential(conv2d(16, 3), leakyRelu({ slope: 0.1 }))
 */
export const leakyRelu = (options: functions.LeakyReluOptions = {}): Layer =>
  layer('leakyRelu', (x) => functions.leakyRelu(x, options));
/**
 * x where x > 0, else alpha * (e^x - 1) (Clevert et al. 2016); alpha 1 by default.
 *
 * @example sequential(dense(32), elu())
 */
export const elu = (options: functions.EluOptions = {}): Layer => layer('elu', (x) => functions.elu(x, options));

const alongAxis =
  (name: string, apply: (x: Value, options: SoftmaxOptions) => Value) =>
  (options: SoftmaxOptions = {}): Layer => {
    expectOptions(name, options, ['axis', 'temperature']);
    return layer(name, (x) => apply(x, options));
  };

/**
 * e^(x / T) / sum(e^(x / T)) along an axis, default the last. Losses that take logits do not want it.
 *
 * @example sequential(model, softmax()) // probabilities for predictions
 */
export const softmax = alongAxis('softmax', softmaxOf);
/**
 * log(softmax(x)).
 *
 * @example sequential(dense(10), logSoftmax())
 */
export const logSoftmax = alongAxis('logSoftmax', logSoftmaxOf);

/** Activations as layers. Any function of one value can stand in a network as it is; these take part in paths. */

import * as functions from '../functions/activations';
import { type BinarySignOptions, binarySign as binarySignOf } from '../functions/binary-sign';
import * as hard from '../functions/hard-tanh';
import { logSoftmax as logSoftmaxOf, type SoftmaxOptions, softmax as softmaxOf } from '../functions/softmax';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { type Layer, layer } from './layer';

const activation = (name: string, apply: (x: Value) => Value) => (): Layer => layer(name, (x) => apply(x));

/** x. */
export const identity = activation('identity', functions.identity);
/** max(0, x). */
export const relu = activation('relu', functions.relu);
/** min(max(0, x), 6). */
export const relu6 = activation('relu6', functions.relu6);
/** 1 / (1 + e^-x). */
export const sigmoid = activation('sigmoid', functions.sigmoid);
/** The hyperbolic tangent. */
export const tanh = activation('tanh', functions.tanh);
/** x * sigmoid(x). */
export const silu = activation('silu', functions.silu);
/** x * P(a standard normal number is below x). */
export const gelu = activation('gelu', functions.gelu);
/** x limited to [-1, 1]. */
export const hardTanh = activation('hardTanh', hard.hardTanh);
/** (x + 1) / 2 limited to [0, 1]. */
export const hardSigmoid = activation('hardSigmoid', hard.hardSigmoid);
/** 1 where x >= 0, else -1; the options are those of the function `binarySign`. */
export const binarySign = (options: BinarySignOptions = {}): Layer =>
  layer('binarySign', (x) => binarySignOf(x, options));
/** log(1 + e^x). */
export const softplus = activation('softplus', functions.softplus);

/** x where x > 0, else slope * x (Maas et al. 2013); slope 0.01 by default. */
export const leakyRelu = (options: functions.LeakyReluOptions = {}): Layer =>
  layer('leakyRelu', (x) => functions.leakyRelu(x, options));
/** x where x > 0, else alpha * (e^x - 1) (Clevert et al. 2016); alpha 1 by default. */
export const elu = (options: functions.EluOptions = {}): Layer => layer('elu', (x) => functions.elu(x, options));

const alongAxis =
  (name: string, apply: (x: Value, options: SoftmaxOptions) => Value) =>
  (options: SoftmaxOptions = {}): Layer => {
    expectOptions(name, options, ['axis', 'temperature']);
    return layer(name, (x) => apply(x, options));
  };

/** e^(x / T) / sum(e^(x / T)) along an axis, default the last. Losses that take logits do not want it. */
export const softmax = alongAxis('softmax', softmaxOf);
/** log(softmax(x)). */
export const logSoftmax = alongAxis('logSoftmax', logSoftmaxOf);

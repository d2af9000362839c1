/** Softmax with a temperature. */
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { div } from '../ops/elementwise';
import { logSoftmax as plainLogSoftmax, softmax as plainSoftmax } from '../ops/softmax';
import { expectNumber } from './option-values';

export interface SoftmaxOptions {
  /** The axis whose elements sum to 1; negative counts from the back. Default -1. */
  readonly axis?: number;
  /** T > 0: large ones even the probabilities out, small ones sharpen them. Default 1. */
  readonly temperature?: number;
}

function withTemperature(name: string, normalize: (x: Value, options: { axis?: number }) => Value) {
  return (x: Value, options: SoftmaxOptions = {}): Value => {
    expectOptions(name, options, ['axis', 'temperature']);
    const { axis = -1, temperature = 1 } = options;
    expectNumber(name, 'the temperature', temperature, { above: 0 });
    return normalize(temperature === 1 ? x : div(x, temperature), { axis });
  };
}

/**
 * e^(x / T) / sum(e^(x / T)) along an axis, stable for large x.
 *
 * @example softmax(constant([1, 2, 3])) // [0.090031, 0.244728, 0.665241]
 */
export const softmax = withTemperature('softmax', plainSoftmax);

/**
 * log(softmax(x)), without the loss of small probabilities.
 *
 * @example logSoftmax(logits, { temperature: 2 })
 */
export const logSoftmax = withTemperature('logSoftmax', plainLogSoftmax);

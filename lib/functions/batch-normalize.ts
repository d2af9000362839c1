/** Batch normalisation: every channel brought to mean 0 and variance 1 (Ioffe and Szegedy 2015). */
import { expect, expectOptions } from '../graph/errors';
import { sameShape, showShape, showType, sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { add, div, maximum, mul, reciprocal, sqrt, square, sub } from '../ops/elementwise';
import { exactVariance } from '../ops/exact-variance';
import { sum } from '../ops/reduce';
import { stopGradient } from '../ops/shape';
import { slice } from '../ops/slice';
import type { Operand } from '../ops/source';
import { expectNumber } from './option-values';

/** The statistics and learned numbers of the channels, each [C]; gamma and beta may be plain numbers. */
export interface Normalization {
  readonly mean: Value;
  readonly variance: Value;
  readonly gamma: Operand;
  readonly beta: Operand;
  /** Keeps the root away from 0. */
  readonly epsilon: number;
}

export interface BatchNormalizeOptions {
  /** Factor of the normalised values, [C] or a number. Default 1. */
  readonly gamma?: Operand;
  /** Added afterwards, [C] or a number. Default 0. */
  readonly beta?: Operand;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /**
   * A guess of the mean, [C]: the statistics are gathered relative to it. It changes nothing but the rounding. Default:
   * the average of the first position of up to 16 examples.
   */
  readonly guess?: Value;
}

/** What was computed: the output, and the batch statistics that it used. */
export interface BatchNormalized {
  readonly output: Value;
  /** [C]. */
  readonly mean: Value;
  /** [C], biased: the mean squared distance from the mean. */
  readonly variance: Value;
}

/** gamma / sqrt(variance + epsilon). */
const scaleOf = ({ variance, gamma, epsilon }: Omit<Normalization, 'mean' | 'beta'>): Value =>
  mul(reciprocal(sqrt(add(variance, epsilon))), gamma);

/** Normalises by given statistics: y = x * scale + (beta - mean * scale), one multiplication per element. */
export function normalize(x: Value, { mean, beta, ...rest }: Normalization): Value {
  const scale = scaleOf(rest);
  return add(mul(x, scale), sub(beta, mul(mean, scale)));
}

/** Examples of which a guess of the mean is made. */
const guessed = 16;

/** The average of every channel, [C]. */
function average(x: Value): Value {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  return div(sum(x, { axes }), sizeOf(x.shape.slice(0, -1)));
}

/** The average of the first position of the first examples, [C]. */
function guessOf(x: Value): Value {
  const size = x.shape.map((length, axis) => (axis === 0 ? Math.min(length, guessed) : 1));
  return average(slice(x, { begin: x.shape.map(() => 0), size: [...size.slice(0, -1), -1] }));
}

/**
 * Normalises by the statistics of the batch: over all axes but the last, that is over N for [N, C] and over N, H, W
 * for images.
 *
 *     t = x - guess,  mean = guess + E[t],  variance = E[t^2] - E[t]^2
 *     y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
 *
 * Both statistics depend on x and the gradient knows it. One pass over memory gathers both, one more gives y. The guess
 * keeps the difference of the squares from cancelling; where it does not, because it is more than eight standard
 * deviations away from the mean, a second pass takes the variance from the mean itself (`exactVariance`). The default
 * guess is near the mean whatever the data.
 *
 * @param x float32 [..., C] of at least two axes
 * @throws ConvoltError `SHAPE` when x has fewer axes, or the guess another shape
 * @example const { output, mean, variance } = batchNormalize(x, { gamma, beta });
 */
export function batchNormalize(x: Value, options: BatchNormalizeOptions = {}): BatchNormalized {
  expectOptions('batchNormalize', options, ['gamma', 'beta', 'epsilon', 'guess']);
  const { gamma = 1, beta = 0, epsilon = 1e-5 } = options;
  expectNumber('batchNormalize', 'epsilon', epsilon, { least: 0 });
  expect(x.shape.length >= 2, 'SHAPE', () => ({
    where: 'batchNormalize',
    what: 'the input',
    expected: '[N, ..., C]',
    actual: showType(x),
  }));
  const channels = x.shape.slice(-1);
  expect(!options.guess || sameShape(options.guess.shape, channels), 'SHAPE', () => ({
    where: 'batchNormalize',
    what: 'the guess',
    expected: `float32${showShape(channels)}`,
    actual: showType(options.guess as Value),
  }));
  const guess = stopGradient(options.guess ?? guessOf(x));
  const distance = sub(x, guess);
  const offset = average(distance);
  const variance = exactVariance(x, offset, maximum(sub(average(square(distance)), square(offset)), 0));
  const scale = scaleOf({ variance, gamma, epsilon });
  const output = add(mul(distance, scale), sub(beta, mul(offset, scale)));
  return { output, mean: add(guess, offset), variance };
}

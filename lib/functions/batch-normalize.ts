/** Batch normalisation: every channel brought to mean 0 and variance 1 (Ioffe and Szegedy 2015). */
import { expect, expectOptions } from '../graph/errors';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { add, mul, reciprocal, sqrt, square, sub } from '../ops/elementwise';
import { mean as average } from '../ops/reduce';
import { stopGradient } from '../ops/shape';
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

/**
 * Normalises by the statistics of the batch: over all axes but the last, that is over N for [N, C] and over N, H, W
 * for images.
 *
 *     mean = E[x],  variance = E[(x - mean)^2],  y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
 *
 * Both statistics depend on x and the gradient knows it. It takes two passes over memory, as by hand: inside of the
 * sums the mean stands as a constant (the variance does not change with it, since the distances sum to 0), and what
 * remains of its gradient flows through `shift`, which is beta plus zero and has only [C] numbers. First derivatives are
 * exact; do not differentiate twice through it.
 *
 * @param x float32 [..., C] of at least two axes
 * @throws ConvoltError `SHAPE` when x has fewer axes
 */
export function batchNormalize(x: Value, options: BatchNormalizeOptions = {}): BatchNormalized {
  expectOptions('batchNormalize', options, ['gamma', 'beta', 'epsilon']);
  const { gamma = 1, beta = 0, epsilon = 1e-5 } = options;
  expectNumber('batchNormalize', 'epsilon', epsilon, { least: 0 });
  expect(x.shape.length >= 2, 'SHAPE', () => ({
    where: 'batchNormalize',
    what: 'the input',
    expected: '[N, ..., C]',
    actual: showType(x),
  }));
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const mean = average(x, { axes });
  const fixedMean = stopGradient(mean);
  const centred = sub(x, fixedMean);
  const variance = average(square(centred), { axes });
  const scale = scaleOf({ variance, gamma, epsilon });
  const shift = add(mul(sub(fixedMean, mean), scale), beta);
  return { output: add(mul(centred, scale), shift), mean, variance };
}

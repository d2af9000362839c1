/** Weights of +-1 with one factor per filter, near to real ones: W = alpha * B (Rastegari et al. 2016, XNOR-Net). */
import { expectOptions } from '../graph/errors';
import { sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { binarize } from '../ops/binarize';
import { abs, add, cast, div, lessEqual, mul } from '../ops/elementwise';
import { mean } from '../ops/reduce';
import { stopGradient } from '../ops/shape';
import { binarySign } from './binary-sign';
import { expectChoice } from './option-values';
import { straightThrough } from './straight-through';

/**
 * What the real weights of a filter of n numbers are given, of g, the gradient to alpha * B.
 * - `paper`: g_i * (1 / n + alpha * 1[|W_i| <= 1]), as the paper has it.
 * - `exact`: B_i / n * sum_j(g_j B_j) + alpha * g_i * 1[|W_i| <= 1], the derivative of alpha * B with the straight-through
 *   estimate for B alone: a filter's weights share what its factor is given.
 */
export type WeightGradient = 'paper' | 'exact';

/** The names of all gradients. */
export const weightGradients: readonly WeightGradient[] = ['paper', 'exact'];

/** Weights W as alpha * B. */
export interface BinaryWeights {
  /** B = sign(W), of W's shape. */
  readonly signs: Value;
  /** alpha = mean(|W|) of each filter [K]: of all factors the one with the least sum of (W - alpha * B)^2. */
  readonly scale: Value;
}

/**
 * Real weights as signs and one factor per filter, W = alpha * B, with a gradient to W.
 *
 * @param w real weights [..., K]: all numbers of one last index are a filter
 * @param options.gradient default `paper`
 * @throws ConvoltError `OPTION` for an unknown gradient
 * @example
 * const { signs, scale } = binaryWeights(w);
 * const y = mul(conv2d(x, signs), scale);
 */
export function binaryWeights(w: Value, options: { readonly gradient?: WeightGradient } = {}): BinaryWeights {
  expectOptions('binaryWeights', options, ['gradient']);
  const { gradient = 'paper' } = options;
  expectChoice('binaryWeights', 'the gradient', gradient, weightGradients);
  const axes = w.shape.slice(0, -1).map((_, axis) => axis);
  // |W| = W * B, whose derivative is B everywhere.
  const scale = mean(mul(w, binarize(w)), { axes });
  if (gradient === 'exact') return { signs: binarySign(w), scale };
  // y = alpha * B gives B the gradient alpha * g: what g shall be multiplied with is divided by alpha here.
  const fixed = stopGradient(scale);
  const isInside = cast(lessEqual(abs(w), 1), 'float32');
  const slope = add(isInside, div(1 / sizeOf(axes.map((axis) => w.shape[axis] as number)), add(fixed, 1e-30)));
  return { signs: straightThrough(binarize(w), mul(w, stopGradient(slope))), scale: fixed };
}

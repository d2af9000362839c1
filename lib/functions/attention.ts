/** Attention: scores of the steps of a sequence, and the mean of the steps weighted by them. */
import type { Value } from '../graph/value';
import { abs, add, div, exp, less, mul, neg, sigmoid, square, sub, tanh, where } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { expandDims } from '../ops/shape';
import { softmax } from '../ops/softmax';
import { constant } from '../ops/source';
import { expectNumber } from './option-values';
import { expectStepMask } from './step-mask';

/**
 * e_j = v . tanh(q + k_j) (Bahdanau et al. 2015), with q = W s and k_j = U h_j. Luong's `concat` is the same, as
 * W [s; h] = W_s s + W_h h.
 *
 * @param query q, [N, A]
 * @param keys k, [N, S, A]: computed once for all steps of a decoder
 * @param vector v, [A]
 * @returns [N, S]
 */
export const additiveScores = (query: Value, keys: Value, vector: Value): Value =>
  sum(mul(tanh(add(expandDims(query, 1), keys)), vector), { axes: -1 });

/**
 * e_j = q . h_j (Luong et al. 2015): `dot` for q = s, `general` for q = s W.
 *
 * @param query q, [N, H]
 * @param states h, [N, S, H]
 * @returns [N, S]
 */
export const dotScores = (query: Value, states: Value): Value => sum(mul(expandDims(query, 1), states), { axes: -1 });

/** What a query found. */
export interface Attended {
  /** The weighted mean of the steps, [N, H]. */
  readonly context: Value;
  /** [N, S]; rows sum to 1 unless a factor changed them. */
  readonly weights: Value;
}

export interface AttendOptions {
  /** bool [N, S], false for steps that must not be looked at: padding. Each row needs one that may. */
  readonly mask?: Value;
  /** Multiplied with the weights, [N, S]. */
  readonly factor?: Value;
}

/** A score that e^x makes 0 beside any other, and that is finite, so that no NaN comes of it. */
const never = -1e30;

/**
 * weights = softmax(scores), context = sum over j of weights_j * h_j. Masked steps have weight 0 exactly.
 *
 * @param scores [N, S]
 * @param states h, [N, S, H]
 * @throws ConvoltError `SHAPE` when the mask is not bool of the scores' shape
 */
export function attend(scores: Value, states: Value, { mask, factor }: AttendOptions = {}): Attended {
  if (mask) expectStepMask('attend', mask, scores.shape);
  const plain = softmax(mask ? where(mask, scores, never) : scores);
  const weights = factor ? mul(plain, factor) : plain;
  return { context: sum(mul(expandDims(weights, -1), states), { axes: 1 }), weights };
}

/** p = S * sigmoid(logit): a place in a sequence of S steps; both [N]. */
export const predictedPosition = (logit: Value, lengths: Value | number): Value => mul(sigmoid(logit), lengths);

/**
 * The surroundings of a real position p (Luong et al. 2015, local-p): the 2 D + 1 steps nearest to it, and
 * e^(-(j - p)^2 / (2 (D / 2)^2)) as their factor. Steps count from 0.
 *
 * @param position p, [N]
 * @param steps S
 * @param reach D, 1 or more
 * @returns mask and factor for `attend`, each [N, S]
 */
export function localWindow(position: Value, steps: number, reach: number): { mask: Value; factor: Value } {
  expectNumber('localWindow', 'the reach', reach, { least: 1 });
  const distance = sub(constant(Float32Array.from({ length: steps }, (_, j) => j)), expandDims(position, -1));
  return {
    mask: less(abs(distance), reach + 0.5),
    factor: exp(neg(div(square(distance), (reach * reach) / 2))),
  };
}

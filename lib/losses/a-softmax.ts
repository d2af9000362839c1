/** Angular softmax (SphereFace): margins of angles between features and class weights of length 1. */
import { euclideanNorm } from '../functions/euclidean-norm';
import { l2Normalize } from '../functions/l2-normalize';
import { expectOptions } from '../graph/errors';
import { matmul } from '../ops/matmul';
import { annealedMargin } from '../schedules/annealed-margin';
import { type AngularMarginOptions, angularMarginLoss, type ClassScores, expectAngularMargin } from './angular-margin';
import type { Loss } from './loss';
import { reductionOptions } from './reduce-loss';

/** As for all margins of angles: `margin` default 4; `lambda` default `annealedMargin({ least: 5 })`. */
export type ASoftmaxOptions = AngularMarginOptions;

/**
 * -log(e^f_y / sum over k of e^f_k) with f_k = |x| cos t_k, but for the label f_y = |x| psi(t_y), where t_k is the angle
 * between x and W_k, and psi as in `lSoftmax` (Liu et al. 2017).
 *
 * It is `lSoftmax` with class weights of length 1, so that angles alone decide: scaling a class's weights changes nothing.
 * The prediction is `{ features: x [N, F], weight: W [F, K] }` as `layers.classWeights(K, { normalize: 'weight' })` gives
 * it, the target int32 labels [N].
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when features, weight and labels do not fit; `VALUE` for another margin; `STATE`
 *   when lambda is a schedule and there is no scope
 * @example losses.aSoftmax({ lambda: schedules.annealedMargin({ gamma: 1.2, least: 5 }) })
 */
export function aSoftmax(options: ASoftmaxOptions = {}): Loss<ClassScores> {
  expectOptions('aSoftmax', options, ['margin', 'lambda', ...reductionOptions]);
  expectAngularMargin('aSoftmax', options);
  const { margin = 4, lambda = annealedMargin({ least: 5 }) } = options;
  return angularMarginLoss('aSoftmax', { ...options, margin, lambda }, ({ features, weight }) => ({
    logits: matmul(features, l2Normalize(weight, { axis: 0 })),
    length: euclideanNorm(features, { keepDims: true }),
  }));
}

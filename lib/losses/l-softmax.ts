/** Large-margin softmax: the angle to the right class shall be smaller by a factor. */
import { euclideanNorm } from '../functions/euclidean-norm';
import { expectOptions } from '../graph/errors';
import { mul } from '../ops/elementwise';
import { gather } from '../ops/gather';
import { matmul } from '../ops/matmul';
import { expandDims } from '../ops/shape';
import { annealedMargin } from '../schedules/annealed-margin';
import { type AngularMarginOptions, angularMarginLoss, type ClassScores, expectAngularMargin } from './angular-margin';
import type { Loss } from './loss';
import { reductionOptions } from './reduce-loss';

/** As for all margins of angles: `margin` default 2; `lambda` default `annealedMargin()`, which falls to 0. */
export type LSoftmaxOptions = AngularMarginOptions;

/**
 * -log(e^f_y / sum over k of e^f_k) with f_k = W_k . x, but for the label f_y = |W_y| |x| psi(t_y), where t_y is the angle
 * between x and W_y, and psi(t) = (-1)^k cos(m t) - 2 k for t in [k pi / m, (k + 1) pi / m] (Liu et al. 2016).
 *
 * The prediction is `{ features: x [N, F], weight: W [F, K] }` as `layers.classWeights` gives it, the target int32 labels
 * [N]. Since psi lies below the cosine, features must come m times nearer to their class, in angle, than for softmax:
 * classes become compact. Margin 1 is softmax. So that training can begin, f_y is mixed with the plain logit,
 * f_y = (lambda |W_y| |x| cos t_y + |W_y| |x| psi(t_y)) / (1 + lambda), and lambda falls from step to step.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when features, weight and labels do not fit; `VALUE` for another margin; `STATE`
 *   when lambda is a schedule and there is no scope
 * @example
 * const model = (x: Value, scope: Scope) => layers.classWeights(10)(trunk(x, scope), scope);
 * new Session(model, { loss: losses.lSoftmax({ margin: 2 }), metrics: { accuracy: losses.head('logits', metrics.accuracy()) } });
 */
export function lSoftmax(options: LSoftmaxOptions = {}): Loss<ClassScores> {
  expectOptions('lSoftmax', options, ['margin', 'lambda', ...reductionOptions]);
  expectAngularMargin('lSoftmax', options);
  const { margin = 2, lambda = annealedMargin() } = options;
  return angularMarginLoss('lSoftmax', { ...options, margin, lambda }, ({ features, weight }, labels) => {
    const lengths = gather(euclideanNorm(weight, { axis: 0 }), labels);
    return {
      logits: matmul(features, weight),
      length: mul(euclideanNorm(features, { keepDims: true }), expandDims(lengths, -1)),
    };
  });
}

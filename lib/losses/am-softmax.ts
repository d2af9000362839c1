/** Additive-margin softmax: the cosine to the right class shall be larger by a constant. */
import { l2Normalize } from '../functions/l2-normalize';
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { mul, sub, where } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import { type ClassScores, classScores } from './angular-margin';
import { crossEntropy } from './cross-entropy';
import type { Loss } from './loss';
import { expectReduction, type ReductionOptions, reductionOptions } from './reduce-loss';
import { labelled } from './rival';

export interface AmSoftmaxOptions extends Pick<ReductionOptions, 'reduction'> {
  /** m, 0 or more. Default 0.35. */
  readonly margin?: number;
  /** s, above 0: what cosines are multiplied with. Default 30. */
  readonly scale?: number;
}

/**
 * -log(e^(s (cos t_y - m)) / (e^(s (cos t_y - m)) + sum over k != y of e^(s cos t_k))), where t_k is the angle between x
 * and W_k (Wang et al. 2018).
 *
 * The prediction is `{ features: x [N, F], weight: W [F, K] }` as `layers.classWeights(K, { normalize: 'both' })` gives it,
 * the target int32 labels [N]. Lengths of features and weights do not count. Because of the scale, gradients are large:
 * use a smaller rate than for softmax.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when features, weight and labels do not fit
 * @example new Session(model, { loss: losses.amSoftmax(), optimizer: optimizers.sgd({ rate: 0.003, momentum: 0.9 }) })
 */
export function amSoftmax(options: AmSoftmaxOptions = {}): Loss<ClassScores> {
  expectOptions('amSoftmax', options, ['margin', 'scale', ...reductionOptions]);
  const { margin = 0.35, scale = 30, reduction } = options;
  expectReduction('amSoftmax', { reduction });
  expectNumber('amSoftmax', 'the margin', margin, { least: 0 });
  expectNumber('amSoftmax', 'the scale', scale, { above: 0 });
  const ofLogits = crossEntropy({ reduction });
  return (prediction, labels) => {
    const { features, weight } = classScores('amSoftmax', prediction);
    const cosines = matmul(l2Normalize(features), l2Normalize(weight, { axis: 0 }));
    const { isOwn } = labelled('amSoftmax', cosines, labels);
    return ofLogits(mul(sub(cosines, where(isOwn, margin, 0)), scale), labels);
  };
}

/** Center loss: features are drawn to the centre of their class, which follows them. */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { zeros } from '../initializers/constant';
import { add, div, mul, square, sub } from '../ops/elementwise';
import { gather, scatterAdd } from '../ops/gather';
import { oneHot } from '../ops/one-hot';
import { sum } from '../ops/reduce';
import { expandDims, stopGradient } from '../ops/shape';
import { expectLabels, type Loss, needScope } from './loss';
import { expectReduction, type ReductionOptions, reduceLoss, reductionOptions } from './reduce-loss';

export interface CenterLossOptions extends ReductionOptions {
  /** Number of classes. */
  readonly classes: number;
  /** alpha: how far centres follow, from 0 to 1. Default 0.5. */
  readonly rate?: number;
}

/**
 * |x_i - c_y|^2 / 2, the squared distance of features x_i from the centre c_y of their class (Wen et al. 2016).
 *
 * The prediction holds features [N, F], the target int32 labels [N]. Centres start at 0 and are no parameters: in every
 * training step c_j moves by -rate * (sum over i with y_i = j of (c_j - x_i)) / (1 + the number of those i). The gradient
 * with respect to x_i is (x_i - c_y) / N. The loss alone would draw everything to one point: use it together with a
 * classifier, with a small weight (0.003 to 0.1). State: `centers` [classes, F].
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when features and labels do not fit; `STATE` without a scope; `VALUE` when the
 *   program runs and a label lies outside of 0 to classes - 1
 * @example
 * const loss = losses.composite({
 *   logits: losses.crossEntropy(),
 *   features: { loss: losses.centerLoss({ classes: 10 }), weight: 0.1 },
 * }); // of a model that gives { logits, features }
 */
export function centerLoss(options: CenterLossOptions): Loss {
  expectOptions('centerLoss', options, ['classes', 'rate', ...reductionOptions]);
  expectReduction('centerLoss', options);
  const { classes, rate = 0.5 } = options;
  expectWhole('centerLoss', 'the number of classes', classes, 1);
  expectNumber('centerLoss', 'the rate', rate, { least: 0, most: 1 });
  return (features, labels, scope) => {
    expectLabels('centerLoss', features, labels);
    const within = needScope('centerLoss', scope);
    const centers = within.state('centers', [classes, features.shape.at(-1) as number], zeros);
    const away = sub(features, gather(centers, labels));
    if (within.training) {
      const pulls = scatterAdd(labels, stopGradient(away), { size: classes });
      const counts = expandDims(sum(oneHot(labels, classes), { axes: 0 }), -1);
      within.update(centers, add(centers, mul(div(pulls, add(counts, 1)), rate)));
    }
    return reduceLoss(mul(sum(square(away), { axes: -1 }), 0.5), options);
  };
}

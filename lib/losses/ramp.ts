/** The ramp loss: a hinge that stops growing, so that wrong labels pull no harder than others. */
import { expectChoice, expectNumber } from '../functions/option-values';
import { epochCount } from '../functions/step-count';
import { expectOptions } from '../graph/errors';
import { less, maximum, minimum, sub, where } from '../ops/elementwise';
import { squeeze } from '../ops/shape';
import { type Loss, needScope } from './loss';
import { expectReduction, type ReductionOptions, reduceLoss, reductionOptions } from './reduce-loss';
import { labelled, ownScore, rivalMargin } from './rival';

export interface RampOptions extends ReductionOptions {
  /** Where the ramp ends, below 1. Default -1 / (K - 1), which is Fisher consistent, as is all of [-1 / (K - 1), 0]. */
  readonly s?: number;
  /** Epochs of plain hinge before: a ramp has no gradient for what it holds for hopeless. Default 5. */
  readonly warmUp?: number;
  /** 'rival' (default): u = h_y - max over j != y of h_j. 'logit': u = h_y. */
  readonly form?: 'rival' | 'logit';
}

/**
 * min(max(0, 1 - u), 1 - s) = hinge(u) - max(0, s - u), the truncated hinge loss of the margin
 * u = h_y - max over j != y of h_j (Collobert et al. 2006, Wu and Liu 2007).
 *
 * The prediction holds scores [N, K], the target int32 labels [N]. An example with u < s, an outlier or a wrong label, has
 * no gradient. The loss is not convex and would leave such examples alone from the start; so training begins with epochs
 * of plain hinge (counted by `fit`, or by `session.epochs`).
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and labels do not fit; `STATE` when it warms up without a scope
 * @example new Session(model, { loss: losses.ramp({ s: -1 }), optimizer: optimizers.sgd({ rate: 0.05, momentum: 0.9 }) })
 */
export function ramp(options: RampOptions = {}): Loss {
  expectOptions('ramp', options, ['s', 'warmUp', 'form', ...reductionOptions]);
  expectReduction('ramp', options);
  const { s: end, warmUp = 5, form = 'rival' } = options;
  if (end !== undefined) expectNumber('ramp', 's', end, { below: 1 });
  expectNumber('ramp', 'warmUp', warmUp, { least: 0 });
  expectChoice('ramp', 'form', form, ['rival', 'logit']);
  return (prediction, target, scope) => {
    const given = labelled('ramp', prediction, target);
    const margin = squeeze(form === 'rival' ? rivalMargin(given) : ownScore(given), -1);
    const s = end ?? -1 / ((prediction.shape.at(-1) as number) - 1);
    const hinge = maximum(sub(1, margin), 0);
    const truncated = minimum(hinge, 1 - s);
    if (warmUp === 0) return reduceLoss(truncated, options);
    const isWarm = less(epochCount(needScope('ramp', scope)), warmUp);
    return reduceLoss(where(isWarm, hinge, truncated), options);
  };
}

/** The hinge loss of K classes: the right score shall win by a margin of 1. */
import { expectChoice } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { add, div, maximum, square, sub, where } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { squeeze } from '../ops/shape';
import type { Loss } from './loss';
import { expectReduction, type ReductionOptions, reduceLoss, reductionOptions } from './reduce-loss';
import { type LabelledScores, labelled, ownScore, rivalMargin } from './rival';

/** Which hinge: against the best rival, against all of them, or of the right score alone. */
export type HingeForm = 'crammerSinger' | 'westonWatkins' | 'logit';

/** The forms by name. */
export const hingeForms: readonly HingeForm[] = ['crammerSinger', 'westonWatkins', 'logit'];

export interface HingeOptions extends ReductionOptions {
  /** Default 'crammerSinger'. */
  readonly form?: HingeForm;
  /** The square of each hinge. Default false. */
  readonly squared?: boolean;
  /** Divides by the number of classes, as PyTorch's multi-margin loss does. Default false. */
  readonly perClass?: boolean;
}

/** The hinges of each row: one of a margin, or the sum of those of all rivals. */
function hinges(given: LabelledScores, form: HingeForm, shaped: (hinge: Value) => Value): Value {
  const hinge = (margin: Value) => squeeze(shaped(maximum(sub(1, margin), 0)), -1);
  if (form === 'crammerSinger') return hinge(rivalMargin(given));
  const own = ownScore(given);
  if (form === 'logit') return hinge(own);
  const rivals = shaped(maximum(add(sub(given.scores, own), 1), 0));
  return sum(where(given.isOwn, 0, rivals), { axes: -1 });
}

/**
 * How much the margin between the right score h_y and its rivals falls short of 1:
 * max(0, 1 + max over j != y of h_j - h_y) in the form 'crammerSinger' (Crammer and Singer 2001),
 * sum over j != y of max(0, 1 + h_j - h_y) in the form 'westonWatkins' (Weston and Watkins 1999).
 *
 * The prediction holds scores [N, K] (or [..., K]), the target int32 labels [N] (or [...]). Scores that are right by more
 * than the margin have no gradient. The form 'logit', max(0, 1 - h_y), is fit for centred scores only: otherwise raising
 * all scores alike lowers it.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and labels do not fit; `OPTION` for an unknown form
 * @example new Session(model, { loss: losses.hinge({ form: 'westonWatkins' }), optimizer: optimizers.sgd({ rate: 0.01 }) })
 */
export function hinge(options: HingeOptions = {}): Loss {
  expectOptions('hinge', options, ['form', 'squared', 'perClass', ...reductionOptions]);
  expectReduction('hinge', options);
  const { form = 'crammerSinger', squared = false, perClass = false } = options;
  expectChoice('hinge', 'form', form, hingeForms);
  return (prediction, target) => {
    const given = labelled('hinge', prediction, target);
    const losses = hinges(given, form, squared ? square : (hinge) => hinge);
    return reduceLoss(perClass ? div(losses, prediction.shape.at(-1) as number) : losses, options);
  };
}

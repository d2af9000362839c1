/** What the margins of angles share: features and class weights, cosines, and the function psi. */
import { expectNumber } from '../functions/option-values';
import { stepCount } from '../functions/step-count';
import { complaint, expect } from '../graph/errors';
import type { Scope } from '../graph/scope';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { add, cast, div, where as instead, lessEqual, maximum, mul, square, sub } from '../ops/elementwise';
import { annealedMargin } from '../schedules/annealed-margin';
import { type Rate, rateAt } from '../schedules/schedule';
import { crossEntropy } from './cross-entropy';
import { expectParts, type Loss, needScope } from './loss';
import { expectReduction, type ReductionOptions } from './reduce-loss';
import { labelled, ownScore } from './rival';

/** What `layers.classWeights` gives: features x [N, F] of the examples and weights W [F, K] of the classes. */
export interface ClassScores {
  readonly features: Value;
  readonly weight: Value;
}

export interface AngularMarginOptions extends ReductionOptions {
  /** m: 1 (no margin), 2, 3 or 4. */
  readonly margin?: number;
  /** How much the logit without a margin counts: a number, or a schedule of the steps. */
  readonly lambda?: Rate;
}

/** Keeps a division by a length of 0 at 0 / tiny = 0. */
const tiny = 1e-12;

/** x and W, checked against each other. */
export function classScores(where: string, prediction: ClassScores): ClassScores {
  const { features, weight } = expectParts(where, prediction, ['features', 'weight']);
  expect(features.shape[1] === weight.shape[0], 'SHAPE', () => ({
    where,
    what: 'the weight',
    expected: `[${features.shape[1]}, classes], a row per feature`,
    actual: showType(weight),
    details: { features: showType(features) },
  }));
  return { features, weight };
}

/** cos(m t) as a polynomial in c = cos t (Chebyshev). */
const chebyshev: Readonly<Record<number, (c: Value) => Value>> = {
  1: (c) => c,
  2: (c) => sub(mul(square(c), 2), 1),
  3: (c) => mul(c, sub(mul(square(c), 4), 3)),
  4: (c) => add(mul(mul(square(c), sub(square(c), 1)), 8), 1),
};

/**
 * psi(t) = (-1)^k cos(m t) - 2 k for t in [k pi / m, (k + 1) pi / m], of c = cos t: it falls without a break from 1 at 0
 * to 1 - 2 m at pi, and lies below cos t, the more so the larger the margin m is (Liu et al. 2016).
 *
 * @param margin 1, 2, 3 or 4
 */
export function psi(c: Value, margin: number): Value {
  const polynomial = chebyshev[margin];
  if (!polynomial) {
    throw complaint('VALUE', { where: 'psi', what: 'the margin', expected: '1, 2, 3 or 4', actual: `${margin}` });
  }
  const passed = (i: number) => cast(lessEqual(c, Math.cos((i * Math.PI) / margin)), 'float32');
  let sign: Value | undefined;
  let k: Value | undefined;
  for (let i = 1; i < margin; i++) {
    const isPassed = passed(i);
    const factor = sub(1, mul(isPassed, 2)); // -1 beyond the i-th border
    sign = sign ? mul(sign, factor) : factor;
    k = k ? add(k, isPassed) : isPassed;
  }
  const cosine = polynomial(c);
  return sign && k ? sub(mul(sign, cosine), mul(k, 2)) : cosine;
}

/** Throws unless the options of `where` make sense. */
export function expectAngularMargin(where: string, options: AngularMarginOptions): void {
  const { margin = 1, lambda = 0 } = options;
  expectReduction(where, options);
  expect([1, 2, 3, 4].includes(margin), 'VALUE', () => ({
    where,
    what: 'the margin',
    expected: '1, 2, 3 or 4',
    actual: `${margin}`,
  }));
  if (typeof lambda === 'number') expectNumber(where, 'lambda', lambda, { least: 0 });
}

/** Lambda in this step; of a schedule, the loss counts its own steps. */
function lambdaNow(where: string, lambda: Rate, scope: Scope | undefined): Value {
  return rateAt(lambda, typeof lambda === 'number' ? (undefined as never) : stepCount(needScope(where, scope)));
}

/**
 * The cross-entropy of logits f in which the label's own has a margin: f_y becomes
 * (lambda * f_y + length * psi(f_y / length)) / (1 + lambda).
 */
export function angularMarginLoss(
  where: string,
  options: AngularMarginOptions & { readonly margin: number },
  scoresOf: (scores: ClassScores, labels: Value) => { logits: Value; length: Value },
): Loss<ClassScores> {
  const { margin, lambda = annealedMargin(), reduction, scale } = options;
  const ofLogits = crossEntropy({ reduction, scale });
  return (prediction, labels, scope) => {
    const { logits, length } = scoresOf(classScores(where, prediction), labels);
    const given = labelled(where, logits, labels);
    const own = ownScore(given);
    const bounded = mul(length, psi(div(own, maximum(length, tiny)), margin));
    const weight = lambdaNow(where, lambda, scope);
    const shifted = div(add(mul(weight, own), bounded), add(weight, 1));
    return ofLogits(instead(given.isOwn, shifted, logits), labels);
  };
}

/** Steps that know the curvature: Newton's, and the natural gradient's (Amari 1998). */
import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { leastSquares } from '../linalg';
import type { Examples } from './evaluate';
import { fisher } from './fisher';
import { curvatures, hessianOf } from './hessian';
import { constrain, parametersAsVector, setParameters } from './parameter-vector';
import type { Session } from './session';

export interface NewtonOptions {
  /** Factor of the step. Default 1. */
  readonly rate?: number;
  /** delta, added to the diagonal, 0 or more. Default 0. */
  readonly damping?: number;
}

/** w <- w - rate * (M + delta I)^-1 g, and back to where layers allow their parameters to be. */
async function step(
  where: string,
  session: Session,
  rows: readonly Float64Array[],
  g: Float64Array,
  options: NewtonOptions,
): Promise<void> {
  const { rate = 1, damping = 0 } = options;
  expectNumber(where, 'rate', rate, { above: 0 });
  expectNumber(where, 'damping', damping, { least: 0 });
  const matrix = rows.map((row, i) => Array.from(row, (value, j) => (i === j ? value + damping : value)));
  const { data: moves } = leastSquares(
    matrix,
    Array.from(g, (value) => [value]),
  );
  expect(moves.every(Number.isFinite), 'NOT_FINITE', () => ({
    where,
    what: 'the step',
    expected: 'finite',
    actual: 'one that is not',
  }));
  setParameters(
    session,
    parametersAsVector(session).map((w, i) => w - rate * (moves[i] as number)),
  );
  await constrain(session);
}

/**
 * w <- w - rate * (H + delta I)^-1 g on one batch, with the Hessian H of the mean loss: it solves a quadratic loss in one
 * step. Damping delta keeps the step short where H is nearly singular, and turns it towards the gradient. Directions in which
 * neither H nor delta bends the loss are left alone.
 *
 * For models of at most 5000 parameters.
 *
 * @returns the loss before the step
 * @throws ConvoltError `VALUE` for larger models or options out of range
 * @example const before = await newtonStep(session, batch, { damping: 1e-3 });
 */
export async function newtonStep(session: Session, examples: Examples, options: NewtonOptions = {}): Promise<number> {
  expectOptions('newtonStep', options, ['rate', 'damping']);
  const found = await curvatures(session, examples);
  await step('newtonStep', session, await hessianOf(found), found.gradient, options);
  return found.loss;
}

export interface NaturalGradientOptions extends NewtonOptions {
  /** `exact` (default): the expectation over the model's own classes. `empirical`: over the labels that are given. */
  readonly fisher?: 'exact' | 'empirical';
}

/**
 * w <- w - rate * (F + delta I)^-1 g on one batch, with the Fisher matrix F of a classifier by softmax: the steepest descent
 * where distance is how much the predicted probabilities change, whatever the parameters are called (Amari 1998). For softmax
 * regression F is the Hessian, so that the step is Newton's.
 *
 * The loss is `crossEntropy`, the model gives logits [N, K] and has at most 5000 parameters.
 *
 * @param options.damping delta, default 1e-3: F is singular for softmax, whose logits may all grow alike
 * @returns the loss before the step
 * @example await naturalGradientStep(session, batch, { rate: 0.5 });
 */
export async function naturalGradientStep(
  session: Session,
  examples: Examples,
  options: NaturalGradientOptions = {},
): Promise<number> {
  expectOptions('naturalGradientStep', options, ['rate', 'damping', 'fisher']);
  const { fisher: kind = 'exact', rate = 1, damping = 1e-3 } = options;
  const { loss, gradient } = await curvatures(session, examples);
  await step('naturalGradientStep', session, await fisher(session, examples, { kind }), gradient, { rate, damping });
  return loss;
}

/** The losses among the functions to measure: a million numbers each. */
import { losses, ops, Scope, type Value } from '../lib';
import { Trace } from '../lib/graph/scope';
import type { PassCase } from './elementwise';

const rows = 1024;
const columns = 1024;
const classes = 64;
const matrix = { shape: [rows, columns] };
const labels = { shape: [rows], labels: columns };

/** A loss of two values of a million numbers each. */
const ofElements = (loss: losses.Loss, reason?: string): PassCase => ({
  inputs: [matrix, matrix],
  apply: (prediction, target) => loss(prediction, target),
  reason,
});

/** A loss of a million scores and a label per row. */
const ofScores = (loss: losses.Loss, reason?: string): PassCase => ({
  inputs: [matrix, labels],
  apply: (scores, target) => loss(scores, target),
  reason,
});

/** A loss of a million features, the weights of 64 classes and a label per row. */
const ofAngles = (loss: losses.Loss<losses.ClassScores>): PassCase => ({
  inputs: [matrix, { shape: [columns, classes] }, { shape: [rows], labels: classes }],
  apply: (features, weight, target) => loss({ features, weight }, target),
  reason: 'products of matrices',
});

/** A scope whose only state is `state`. */
const scopeOf = (state: Value): Scope => new Scope(new Trace({ state: () => state, nextKey: ops.splitKey }, false));

/** All losses by name. */
export const lossCases: Readonly<Record<string, PassCase>> = {
  squaredError: ofElements(losses.squaredError()),
  absoluteError: ofElements(losses.absoluteError()),
  smoothL1: ofElements(losses.smoothL1(), 'eleven operations per element'),
  binaryHinge: ofElements(losses.binaryHinge()),
  binaryCrossEntropy: ofElements(losses.binaryCrossEntropy(), 'e^x and a logarithm'),
  tukeyBiweight: ofElements(losses.tukeyBiweight(), 'medians of every column, by sorting'),
  tukeyUnscaled: ofElements(losses.tukeyBiweight({ scaled: false }), 'a polynomial of degree 6'),
  klDivergence: ofElements(losses.klDivergence(), 'a logarithm'),
  labelDistribution: ofElements(losses.labelDistribution(), 'e^x and a logarithm'),
  crossEntropy: ofScores(losses.crossEntropy(), 'e^x'),
  hinge: ofScores(losses.hinge(), 'reads the scores again for rivals that tie, and for the gradient'),
  hingeWestonWatkins: ofScores(
    losses.hinge({ form: 'westonWatkins' }),
    'reads the scores twice: for the right one, and for its rivals',
  ),
  ramp: ofScores(losses.ramp({ warmUp: 0 }), 'reads the scores again for rivals that tie, and for the gradient'),
  lSoftmax: ofAngles(losses.lSoftmax({ lambda: 5 })),
  aSoftmax: ofAngles(losses.aSoftmax({ lambda: 5 })),
  amSoftmax: ofAngles(losses.amSoftmax()),
  centerLoss: {
    inputs: [matrix, { shape: [rows], labels: classes }, { shape: [classes, columns] }],
    apply: (features, target, centers) => losses.centerLoss({ classes })(features, target, scopeOf(centers)),
    reason: 'copies the centre of each row',
  },
  contrastive: {
    inputs: [matrix, matrix, { shape: [rows], labels: 2 }],
    apply: (first, second, target) => losses.contrastive()({ first, second }, target),
  },
  angularLoss: {
    inputs: [matrix, matrix, matrix],
    reason: 'ten operations per element',
    apply: (anchor, positive, negative) => losses.angularLoss({ angle: 30 })({ anchor, positive, negative }, undefined),
  },
};

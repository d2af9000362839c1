/** Batch normalisation as a layer: batch statistics while training, running ones afterwards. */

import { batchNormalize, normalize } from '../functions/batch-normalize';
import { expectNumber } from '../functions/option-values';
import { expectDType } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import { showType, sizeOf } from '../graph/tensor';
import { reachable, type Value } from '../graph/value';
import { warn } from '../graph/warnings';
import { ones, zeros } from '../initializers/constant';
import { add, mul, reciprocal, sub } from '../ops/elementwise';
import { constant, type Operand } from '../ops/source';
import { type Layer, layer } from './layer';

export interface BatchNormOptions {
  /** Weight of the new batch in the running statistics, from 0 to 1; null: the plain average. Default 0.1. */
  readonly momentum?: number | null;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Learn gamma, beta. Default true. */
  readonly affine?: boolean;
}

/** The weight of this batch in the running statistics: `momentum`, or 1 / (number of batches so far). */
function batchWeight(scope: Scope, momentum: number | null): Operand {
  if (momentum !== null) return momentum;
  const count = scope.state('count', [], zeros);
  const next = add(count, 1);
  scope.update(count, next);
  return reciprocal(next);
}

/** Fewer examples than this say little about the data. */
const leastBatch = 8;

/** True of a sequence [N, T, C] that was made with steps masked out. */
const hasPadding = (x: Value): boolean =>
  x.shape.length === 3 &&
  reachable([x]).some(({ op, attributes }) => op.name === 'sequenceMask' || attributes.hasLengths === true);

/** Warns where the statistics of a batch are not those of the data. */
function warnOfUse(path: string, x: Value): void {
  if ((x.shape[0] as number) < leastBatch) {
    const sentence = `statistics of few examples vary from batch to batch; take batches of at least ${leastBatch}`;
    warn('batchNorm', sentence, `${x.shape[0]} at ${path}`);
  }
  if (hasPadding(x)) {
    warn('batchNorm', 'sequences of unequal length put the numbers of their padding into the statistics', `at ${path}`);
  }
}

/**
 * y = gamma * (x - mean) / sqrt(variance + epsilon) + beta for each channel, the last axis of [N, ..., C].
 *
 * While training, mean and (biased) variance are those of the batch, and the running statistics move towards them:
 * running <- running + momentum * (batch - running), with the unbiased variance. Otherwise the running statistics are
 * used. Parameters: `gamma` (1 at first), `beta` (0); states: `mean` (0), `variance` (1), each [C]. Normally it stands
 * between a layer without bias and its activation (Ioffe and Szegedy 2015).
 *
 * Behind a convolution or product the running mean is the guess of `batchNormalize`, since it is known before.
 *
 * A warning is given while tracing a training on fewer than 8 examples, or on sequences of unequal length, whose padding
 * would count.
 *
 * @throws ConvoltError `SHAPE` while tracing a training when a channel has fewer than two numbers
 * @example sequential(conv2d(16, 3, { bias: false }), batchNorm(), relu())
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  expectOptions('batchNorm', options, ['momentum', 'epsilon', 'affine']);
  const { momentum = 0.1, epsilon = 1e-5, affine = true } = options;
  if (momentum !== null) expectNumber('batchNorm', 'momentum', momentum, { least: 0, most: 1 });
  expectNumber('batchNorm', 'epsilon', epsilon, { least: 0 });
  return layer('batchNorm', (x, scope) => {
    expectDType('batchNorm', 'the input', x, 'float32');
    const shape = x.shape.slice(-1);
    const gamma = affine ? scope.param('gamma', shape, ones) : 1;
    const beta = affine ? scope.param('beta', shape, zeros) : 0;
    const mean = scope.state('mean', shape, zeros);
    const variance = scope.state('variance', shape, ones);
    scope.observe('input', x);
    if (!scope.training) return normalize(x, { mean, variance, gamma, beta, epsilon });

    const count = sizeOf(x.shape.slice(0, -1));
    expect(count >= 2, 'SHAPE', () => ({
      where: 'batchNorm',
      what: 'the input',
      expected: 'of at least two numbers per channel while training',
      actual: showType(x),
    }));
    warnOfUse(scope.path, x);
    // The output of a convolution or product is met while it is made: the guess must be known before.
    const guess = x.node.op.tail ? mean : undefined;
    const batch = batchNormalize(x, { gamma, beta, epsilon, guess });
    const weight = batchWeight(scope, momentum);
    const moveTowards = (running: Value, value: Value) =>
      scope.update(running, add(running, mul(sub(value, running), weight)));
    moveTowards(mean, batch.mean);
    moveTowards(variance, mul(batch.variance, constant(count / (count - 1))));
    return batch.output;
  });
}

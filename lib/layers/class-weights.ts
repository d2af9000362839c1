/** The last layer of a classifier that shows its features and weights, as losses with margins need them. */
import { l2Normalize } from '../functions/l2-normalize';
import { expectChoice, expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Initializer, Scope } from '../graph/scope';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { xavierUniform } from '../initializers/xavier';
import { mul } from '../ops/elementwise';
import { matmul } from '../ops/matmul';

export interface ClassWeightsOptions {
  /** What gets the length 1 before the product: nothing (default), each class's weights, or features as well. */
  readonly normalize?: 'none' | 'weight' | 'both';
  /** A factor of the logits. Default 1. */
  readonly scale?: number;
  /** Default `xavierUniform()`. */
  readonly initializer?: Initializer;
}

/**
 * logits = scale * x W: [N, F] to [N, classes], without a bias, together with what it is made of.
 *
 * With `normalize: 'weight'` logits are |x| cos t_k, with 'both' cos t_k, where t_k is the angle between x and the weights of
 * class k. Parameter: `weight` [F, classes].
 *
 * @returns `{ logits, features, weight }`: what `losses.lSoftmax` ('none'), `losses.aSoftmax` ('weight') and
 *   `losses.amSoftmax` ('both') read
 * @throws ConvoltError `SHAPE` while tracing when the input is not [N, F]
 * @example
 * const trunk = sequential(flatten(), dense(64), relu(), dense(16));
 * const model = (x: Value, scope: Scope) => classWeights(10)(trunk(x, scope), scope);
 */
export function classWeights(
  classes: number,
  options: ClassWeightsOptions = {},
): (features: Value, scope: Scope) => { logits: Value; features: Value; weight: Value } {
  expectWhole('classWeights', 'the number of classes', classes, 1);
  expectOptions('classWeights', options, ['normalize', 'scale', 'initializer']);
  const { normalize = 'none', scale = 1, initializer = xavierUniform() } = options;
  expectChoice('classWeights', 'normalize', normalize, ['none', 'weight', 'both']);
  expectNumber('classWeights', 'the scale', scale, { above: 0 });
  const identity = {};
  return (features, scope) =>
    scope.child(
      'classWeights',
      (inner) => {
        expect(features.shape.length === 2, 'SHAPE', () => ({
          where: 'classWeights',
          what: 'the features',
          expected: '[N, F]',
          actual: showType(features),
        }));
        const weight = inner.param('weight', [features.shape[1] as number, classes], initializer);
        const left = normalize === 'both' ? l2Normalize(features) : features;
        const logits = matmul(left, normalize === 'none' ? weight : l2Normalize(weight, { axis: 0 }));
        return { logits: mul(logits, scale), features, weight };
      },
      identity,
    );
}

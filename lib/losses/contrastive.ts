/** Contrastive loss: pairs of one kind come together, others keep a distance. */
import { euclideanNorm } from '../functions/euclidean-norm';
import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { add, cast, maximum, mul, square, sub } from '../ops/elementwise';
import { expectParts, type Loss } from './loss';
import { expectReduction, type ReductionOptions, reduceLoss, reductionOptions } from './reduce-loss';

/** Features of the two of each pair, [N, F] each. */
export interface Pairs {
  readonly first: Value;
  readonly second: Value;
}

export interface ContrastiveOptions extends ReductionOptions {
  /** The distance that different ones shall keep, above 0. Default 1. */
  readonly margin?: number;
}

/**
 * y d^2 / 2 + (1 - y) max(margin - d, 0)^2 / 2, with d = |first - second| and y = 1 for a pair of one kind, 0 for others
 * (Hadsell et al. 2006, where y means the opposite).
 *
 * The prediction is `{ first, second }`, features [N, F] each; the target holds y [N], of any element type. Different
 * ones further apart than the margin do not count. At d = 0 the gradient is 0.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and target do not fit
 * @example
 * const twins = ({ first, second }: Pairs, scope: Scope) => ({ first: trunk(first, scope), second: trunk(second, scope) });
 * new Session(twins, { loss: losses.contrastive(), optimizer: optimizers.adam() });
 */
export function contrastive(options: ContrastiveOptions = {}): Loss<Pairs> {
  expectOptions('contrastive', options, ['margin', ...reductionOptions]);
  expectReduction('contrastive', options);
  const { margin = 1 } = options;
  expectNumber('contrastive', 'the margin', margin, { above: 0 });
  return (prediction, target) => {
    const { first, second } = expectParts('contrastive', prediction, ['first', 'second']);
    expect(
      sameShape(first.shape, second.shape) && sameShape(target.shape, [first.shape[0] as number]),
      'SHAPE',
      () => ({
        where: 'contrastive',
        what: 'the pairs',
        expected: '[N, F] twice, and a target [N]',
        actual: `${showType(first)} and ${showType(second)}, and ${showType(target)}`,
      }),
    );
    const distance = euclideanNorm(sub(first, second));
    const same = cast(target, 'float32');
    const together = mul(same, square(distance));
    const apart = mul(sub(1, same), square(maximum(sub(margin, distance), 0)));
    return reduceLoss(mul(add(together, apart), 0.5), options);
  };
}

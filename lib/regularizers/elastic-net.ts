/** Both penalties at once (Zou and Hastie 2005). */
import { expectOptions } from '../graph/errors';
import type { PathMatch } from '../optimizers/path-match';
import { l1 } from './l1';
import { l2 } from './l2';
import { combine, type Regularizer } from './regularizer';

export interface ElasticNetOptions {
  /** Weight of the l1 penalty, 0 or more. */
  readonly lambda1: number;
  /** Weight of the l2 penalty, 0 or more. */
  readonly lambda2: number;
  /** Which parameters. Default all. */
  readonly match?: PathMatch;
}

/**
 * lambda1 * sum of |w| + lambda2 / 2 * sum of w^2: sparse as l1, but features that go together stay together (Zou and
 * Hastie 2005).
 *
 * @example new Session(model, { loss, optimizer, regularizer: elasticNet({ lambda1: 1e-5, lambda2: 1e-4 }) })
 */
export function elasticNet(options: ElasticNetOptions): Regularizer {
  expectOptions('elasticNet', options, ['lambda1', 'lambda2', 'match']);
  const { lambda1, lambda2, match } = options;
  return combine(l1({ lambda: lambda1, match }), l2({ lambda: lambda2, match }));
}

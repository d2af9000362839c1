/** The two places where epsilon keeps a root from being 0. */
import { expectChoice, expectNumber } from '../functions/option-values';
import type { Value } from '../graph/value';
import { add, sqrt } from '../ops/elementwise';

/** `inside`: sqrt(s + epsilon). `outside`: sqrt(s) + epsilon, as PyTorch has it. */
export type EpsilonMode = 'inside' | 'outside';

/** The root of the mean or sum of squares `s`, by which gradients are divided. */
export const rootOf = (s: Value, epsilon: number, mode: EpsilonMode): Value =>
  mode === 'inside' ? sqrt(add(s, epsilon)) : add(sqrt(s), epsilon);

/** Throws unless both options hold. */
export function expectEpsilon(where: string, epsilon: number, mode: EpsilonMode): void {
  expectNumber(where, 'epsilon', epsilon, { above: 0 });
  expectChoice(where, 'epsilonMode', mode, ['inside', 'outside']);
}

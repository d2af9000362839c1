/** The parameters that the built-in recurrent layers share: both products, their biases, their first numbers. */
import { expectChoice } from '../functions/option-values';
import type { Initializer, Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { uniform } from '../initializers/random';
import { add } from '../ops/elementwise';
import { matmul } from '../ops/matmul';

export interface RecurrentAffineOptions {
  /** True (default): one bias; 'double': two that are added, as in PyTorch; false: none. */
  readonly bias?: boolean | 'double';
  /** Default uniform in +-1 / sqrt(units), as in PyTorch. */
  readonly weightInitializer?: Initializer;
  /** Of the weight from state to state. Default as `weightInitializer`'s. */
  readonly recurrentInitializer?: Initializer;
  /** Default uniform in +-1 / sqrt(units), as in PyTorch. */
  readonly biasInitializer?: Initializer;
}

export const recurrentAffineOptions = ['bias', 'weightInitializer', 'recurrentInitializer', 'biasInitializer'] as const;

/** Uniform in +-1 / sqrt(units). */
export function uniformOf(units: number): Initializer {
  const limit = 1 / Math.sqrt(units);
  return uniform({ low: -limit, high: limit });
}

/** The parameter `recurrent.weight`. */
export const recurrentWeightOf = (
  scope: Scope,
  shape: readonly [number, number],
  { recurrentInitializer }: RecurrentAffineOptions,
): Value => scope.param('recurrent.weight', shape, recurrentInitializer ?? uniformOf(shape[0]));

export function expectBias(where: string, { bias = true }: RecurrentAffineOptions): void {
  expectChoice(where, 'bias', String(bias), ['true', 'false', 'double']);
}

/**
 * x W + b for all steps at once: [N, T, F] to [N, T, width], with the parameters `weight` [F, width] and `bias` [width].
 *
 * @param more is added to the bias
 */
export function inputProduct(
  x: Value,
  scope: Scope,
  width: number,
  units: number,
  { bias = true, weightInitializer, biasInitializer }: RecurrentAffineOptions,
  more?: Value,
): Value {
  const weight = scope.param('weight', [x.shape.at(-1) as number, width], weightInitializer ?? uniformOf(units));
  const product = matmul(x, weight);
  if (!bias) return product;
  const own = scope.param('bias', [width], biasInitializer ?? uniformOf(units));
  return add(product, more ? add(own, more) : own);
}

/** The second bias of `bias: 'double'`, `recurrent.bias`. */
export const secondBiasOf = (
  scope: Scope,
  width: number,
  units: number,
  { bias, biasInitializer }: RecurrentAffineOptions,
): Value | undefined =>
  bias === 'double' ? scope.param('recurrent.bias', [width], biasInitializer ?? uniformOf(units)) : undefined;

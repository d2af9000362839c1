/** From the losses of elements to what a loss returns. */

import { expectChoice, expectNumber } from '../functions/option-values';
import type { Value } from '../graph/value';
import { div, maximum, mul } from '../ops/elementwise';
import { mean, sum } from '../ops/reduce';

/**
 * - `examples`: one number per example, [N]: the mean over all other axes. The trainer takes the mean of these.
 * - `none`: the loss of every element.
 * - `mean`, `sum`: a scalar, over all elements.
 */
export type Reduction = 'examples' | 'none' | 'mean' | 'sum';

export interface ReductionOptions {
  /** Default 'examples'. */
  readonly reduction?: Reduction;
  /** A factor of the result. Default 1. */
  readonly scale?: number;
}

/** The names of all options. */
export const reductionOptions = ['reduction', 'scale'] as const;

/** Throws unless the options can be used by `reduceLoss`. */
export function expectReduction(where: string, { reduction = 'examples', scale = 1 }: ReductionOptions): void {
  expectChoice(where, 'reduction', reduction, ['examples', 'none', 'mean', 'sum']);
  expectNumber(where, 'scale', scale);
}

/** What keeps a division by the weights of nothing at 0 / tiny = 0. */
const tiny = 1e-30;

/**
 * Reduces the losses of elements.
 *
 * @param elements [N, ...]
 * @param weights what the elements have been multiplied with (class weights, 0 where an element does not count), in
 *   the same shape. A mean is then the weighted one, sum(elements) / sum(weights), 0 if nothing counts. 'examples'
 *   divides by the mean of the weights, so that the trainer's plain mean over the batch is the weighted mean
 */
export function reduceLoss(elements: Value, options: ReductionOptions = {}, weights?: Value): Value {
  expectReduction('reduceLoss', options);
  const { reduction = 'examples', scale = 1 } = options;
  const averaged = (over: Value) => (weights ? div(over, maximum(mean(weights), tiny)) : over);
  const reduced = {
    examples: () => averaged(mean(elements, { axes: elements.shape.slice(1).map((_, axis) => axis + 1) })),
    none: () => elements,
    mean: () => averaged(mean(elements)),
    sum: () => sum(elements),
  };
  return mul(reduced[reduction](), scale);
}

/** Tukey's biweight loss: outliers of regression lose their weight. */
import { median } from '../functions/median';
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { abs, div, equal, minimum, mul, square, sub, where } from '../ops/elementwise';
import { reshape, stopGradient } from '../ops/shape';
import { transpose } from '../ops/transpose';
import { expectEqualShapes, type Loss } from './loss';
import { expectReduction, type ReductionOptions, reduceLoss, reductionOptions } from './reduce-loss';

export interface TukeyBiweightOptions extends ReductionOptions {
  /** Where a residual loses its last influence, above 0. Default 4.6851: 95 % efficient for normal errors. */
  readonly c?: number;
  /** Divide residuals by 1.4826 * MAD of the batch, a robust standard deviation. Default true. */
  readonly scaled?: boolean;
}

/** 1.4826 * the median of |r - median r| over the batch, one per output; a constant of the step. */
export function robustDeviation(residuals: Value): Value {
  const [examples = 1, ...rest] = residuals.shape;
  const columns = transpose(reshape(stopGradient(residuals), [examples, sizeOf(rest)]), [1, 0]);
  const centre = reshape(median(columns), [sizeOf(rest), 1]);
  const deviation = mul(median(abs(sub(columns, centre))), 1.4826);
  return stopGradient(reshape(where(equal(deviation, 0), 1, deviation), [1, ...rest]));
}

/**
 * c^2 / 6 * (1 - (1 - (r / c)^2)^3) where |r| <= c, else c^2 / 6, of residuals r = (prediction - target) / (1.4826 MAD)
 * with MAD = median of |r - median r| over the batch, for each output by itself (Beaton and Tukey 1974, Belagiannis et al.
 * 2015).
 *
 * The gradient is r (1 - (r / c)^2)^2, and 0 beyond c: near 0 it is that of the squared error, far out there is none. The
 * scale counts as constant; where MAD is 0 it is 1. Large batches make it steady.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction and target differ
 * @example new Session(model, { loss: losses.tukeyBiweight(), optimizer: optimizers.adam() })
 */
export function tukeyBiweight(options: TukeyBiweightOptions = {}): Loss {
  expectOptions('tukeyBiweight', options, ['c', 'scaled', ...reductionOptions]);
  expectReduction('tukeyBiweight', options);
  const { c = 4.6851, scaled = true } = options;
  expectNumber('tukeyBiweight', 'c', c, { above: 0 });
  return (prediction, target) => {
    expectEqualShapes('tukeyBiweight', prediction, target);
    const residuals = sub(prediction, target);
    const r = scaled ? div(residuals, robustDeviation(residuals)) : residuals;
    const rest = sub(1, minimum(square(mul(r, 1 / c)), 1)); // 1 - (r / c)^2, and 0 beyond c
    return reduceLoss(mul(sub(1, mul(rest, square(rest))), (c * c) / 6), options);
  };
}

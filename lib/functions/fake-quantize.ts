/** Quantization as training meets it: numbers are rounded to those that bytes stand for, and gradients pass. */
import { resolveAxis } from '../graph/define-op';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { abs, add, clip, div, maximum, mul, round, sub } from '../ops/elementwise';
import { largestOf, leastScale, type WeightBits } from '../ops/quantization-range';
import { max } from '../ops/reduce';
import { stopGradient } from '../ops/shape';
import type { Operand } from '../ops/source';
import { expectChoice } from './option-values';
import { straightThrough } from './straight-through';

export interface FakeQuantizeOptions {
  /** What a step of one comes to, above 0: a number, or numbers that broadcast with x. */
  readonly scale: Operand;
  /** The whole number that stands for 0. Default 0. */
  readonly zeroPoint?: Operand;
  /** The least whole number. Default 0. */
  readonly low?: number;
  /** The largest whole number. Default 255. */
  readonly high?: number;
}

/**
 * x rounded to what whole numbers from `low` to `high` stand for: y = scale * (clamp(round(x / scale) + z, low, high) - z),
 * halves to even, as `quantizeLinear` and back. The gradient goes straight through the rounding and is 0 where x is
 * saturated (Jacob et al. 2018); none goes to scale and zero point.
 *
 * @returns float32 of the shape of x
 * @throws ConvoltError `OPTION` for unknown options
 * @example fakeQuantize(x, { scale: 4 / 255, zeroPoint: 64 }) // -1 to 3 in steps of 4 / 255
 */
export function fakeQuantize(x: Value, options: FakeQuantizeOptions): Value {
  expectOptions('fakeQuantize', options, ['scale', 'zeroPoint', 'low', 'high']);
  const { low = 0, high = 255 } = options;
  const fixed = (operand: Operand) => (typeof operand === 'number' ? operand : stopGradient(operand));
  const [scale, zero] = [fixed(options.scale), fixed(options.zeroPoint ?? 0)];
  const whole = clip(add(round(div(x, scale)), zero), low, high);
  const bound = (most: number): Operand => mul(sub(most, zero), scale);
  return straightThrough(mul(sub(whole, zero), scale), clip(x, bound(low), bound(high)));
}

/** Which axis of weights counts filters, and how fine they are. */
export interface FakeQuantizeWeightsOptions {
  /** 7 (default): -63 to 63; 8: -127 to 127. */
  readonly bits?: WeightBits;
  /** Default the last one. */
  readonly axis?: number;
}

/** The scale of each filter, max |w| / (2^(bits - 1) - 1), with folded axes as 1. */
export function weightScale(weights: Value, options: FakeQuantizeWeightsOptions = {}): Value {
  expectOptions('weightScale', options, ['bits', 'axis']);
  const { bits = 7, axis = -1 } = options;
  expectChoice('weightScale', 'bits', String(bits), ['7', '8']);
  const own = resolveAxis('weightScale', axis, weights.shape.length);
  const axes = weights.shape.map((_, i) => i).filter((i) => i !== own);
  return stopGradient(maximum(div(max(abs(weights), { axes, keepDims: true }), largestOf(bits)), leastScale));
}

/**
 * Weights rounded to whole multiples of a scale for each filter, symmetric around 0: y = s * round(w / s) with
 * s = max |w| / 63 (or 127 of 8 bits). The gradient goes straight through.
 *
 * @param weights [..., filters], or with filters along `axis`
 * @example fakeQuantizeWeights(weight, { bits: 8 })
 */
export function fakeQuantizeWeights(weights: Value, options: FakeQuantizeWeightsOptions = {}): Value {
  const scale = weightScale(weights, options);
  return straightThrough(mul(round(div(weights, scale)), scale), weights); // none is saturated
}

/** From ranges of numbers to the scales and zero points that quantize them. Arithmetic of the host. */
import { type Quantization, roundHalfEven } from './quantize-linear';

const { fround } = Math; // every operation as float32 rounds it, so that training can simulate the same codes

/** Keeps divisors away from 0. */
export const leastScale = 2 ** -100;

/**
 * The asymmetric quantization whose bytes 0 to 255 span [low, high], stretched to hold 0 (Jacob et al. 2018):
 * s = (high - low) / 255, z = round(-low / s). Padding and ReLU need a 0 without error, so z is a byte.
 *
 * @example quantizationOf(-1, 3) // { scale: 4 / 255, zeroPoint: 64 }
 */
export function quantizationOf(low: number, high: number): Quantization {
  const [least, most] = [Math.min(fround(low), 0), Math.max(fround(high), 0)];
  const scale = fround(fround(most - least) / 255);
  if (scale < leastScale) return { scale: 1, zeroPoint: 0 }; // nothing but 0
  return { scale, zeroPoint: Math.min(255, Math.max(0, roundHalfEven(fround(-least / scale)))) };
}

/** The byte of x, saturated. */
export const byteOf = (x: number, { scale, zeroPoint }: Quantization): number =>
  Math.min(255, Math.max(0, roundHalfEven(x / scale) + zeroPoint));

/** Bits of a weight, its sign included. */
export type WeightBits = 7 | 8;

/** The largest whole number of a symmetric quantization: 63 for 7 bits, 127 for 8. */
export const largestOf = (bits: WeightBits): number => 2 ** (bits - 1) - 1;

/**
 * The scale of the symmetric quantization that spans [-largest, largest]: s = largest / (2^(bits - 1) - 1); its zero
 * point is 0. A weight w becomes round(w / s).
 *
 * @example symmetricScale(1, 8) // 1 / 127
 */
export const symmetricScale = (largest: number, bits: WeightBits): number => Math.fround(largest / largestOf(bits));

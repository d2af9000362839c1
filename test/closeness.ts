/** The tolerance classes of the checks, and a comparison that names the first number that is out. */
import type { Shape } from '../lib/graph/tensor';

/** |a - b| <= absolute + relative * |b|. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

export const EXACT: Tolerance = { absolute: 0, relative: 0 };
export const F32: Tolerance = { absolute: 1e-5, relative: 1e-4 };
export const F32G: Tolerance = { absolute: 1e-4, relative: 1e-3 };
export const F64: Tolerance = { absolute: 1e-9, relative: 1e-7 };

interface Numbers {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

const isClose = (a: number, b: number, { absolute, relative }: Tolerance): boolean =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= absolute + relative * Math.abs(b);

/** Throws unless shapes are equal and every number of `actual` is close to that of `expected`; NaN equals NaN. */
export function expectClose(actual: Numbers, expected: Numbers, tolerance: Tolerance): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.data.length).toBe(expected.data.length);
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [actual.data[i] as number, expected.data[i] as number];
    if (!isClose(a, b, tolerance)) throw new Error(`element ${i} of [${expected.shape}]: got ${a}, expected ${b}`);
  }
}

/** HAND: printed numbers, right to 2e-6 absolutely or relatively. */
export function expectHand(actual: ArrayLike<number>, printed: readonly number[]): void {
  expect(actual.length).toBe(printed.length);
  printed.forEach((b, i) => {
    const a = actual[i] as number;
    const error = Math.min(Math.abs(a - b), Math.abs(a - b) / Math.abs(b));
    if (!(a === b || error <= 2e-6)) throw new Error(`element ${i}: got ${a}, expected ${b}`);
  });
}

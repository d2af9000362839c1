/** What optimizers of whole functions are given, and arithmetic of vectors in float64. */

/** A value and its gradient at one point. */
export interface Evaluated {
  readonly value: number;
  readonly gradient: ArrayLike<number>;
}

/** The function that shall become small. */
export type Closure = (x: Float64Array) => Evaluated | Promise<Evaluated>;

/** Where an optimizer has arrived. */
export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  /** The largest element of the gradient, without its sign. */
  readonly slope: number;
  readonly iterations: number;
  /** Evaluations of the closure. */
  readonly calls: number;
  /** False when it stopped by the number of iterations or calls. */
  readonly converged: boolean;
}

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
};

/** a + factor * b. */
export const along = (a: Float64Array, factor: number, b: ArrayLike<number>): Float64Array =>
  a.map((value, i) => value + factor * (b[i] as number));

export const minus = (a: ArrayLike<number>, b: ArrayLike<number>): Float64Array =>
  Float64Array.from(a, (value, i) => value - (b[i] as number));

export const largest = (a: ArrayLike<number>): number => {
  let found = 0;
  for (let i = 0; i < a.length; i++) found = Math.max(found, Math.abs(a[i] as number));
  return found;
};

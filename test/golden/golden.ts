/** Reads golden files: recipes of inputs that the generators share, and the oracle's thinned answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shape } from '../../lib/graph/tensor';
import { type Tensor64, tensor64 } from '../../lib/reference';

export interface Recipe {
  readonly shape: Shape;
  readonly fill: 'noise' | 'positive' | 'below' | 'whole' | 'given';
  readonly seed: number;
  readonly limit: number;
  readonly values: readonly number[];
}

/** Every `every`-th number of a tensor of `shape`. */
export interface Answer {
  readonly shape: Shape;
  readonly every: number;
  readonly values: readonly number[];
}

export interface GoldenCase {
  readonly name: string;
  readonly call: string;
  readonly options: Readonly<Record<string, never>>;
  readonly inputs: readonly Recipe[];
  readonly outputs: readonly Answer[];
  /** Of sum(first output * noise(99)); null for integer inputs, absent where the oracle took none. */
  readonly gradients?: readonly (Answer | null)[];
}

export const golden = (file: string): { oracle: string; cases: readonly GoldenCase[] } =>
  JSON.parse(readFileSync(join(__dirname, `${file}.json`), 'utf8'));

/** 16 random bits: the top half of murmur3's finalizer of the position. */
function word(seed: number, i: number): number {
  let h = (i + Math.imul(seed, 0x9e3779b1)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 16;
}

const fills: Readonly<Record<Recipe['fill'], (bits: number, limit: number) => number>> = {
  noise: (bits) => bits / 16384 - 2,
  positive: (bits) => (bits / 65536) * 1.5 + 0.5,
  below: (bits, limit) => bits % limit,
  whole: (bits, limit) => bits % limit,
  given: () => Number.NaN,
};

/** The tensor of a recipe; exact in float32. */
export function make({ shape, fill, seed, limit, values }: Recipe): Tensor64 {
  if (fill === 'given') return tensor64([...values], shape);
  const size = shape.reduce((product, length) => product * length, 1);
  const numbers = Array.from({ length: size }, (_, i) => fills[fill](word(seed, i), limit));
  return tensor64(numbers, shape, fill === 'below' ? 'int32' : 'float32');
}

/** Numbers in [-2, 2). */
export const noise = (seed: number, shape: Shape): Tensor64 =>
  make({ shape, fill: 'noise', seed, limit: 0, values: [] });

/** The numbers that an answer kept. */
export const thinned = (data: ArrayLike<number>, { every }: Answer): number[] =>
  Array.from(data).filter((_, i) => i % every === 0);

/**
 * Gradient rules against central differences in float64: (f(x + h d) - f(x - h d)) / 2h, along one random direction d
 * over all inputs, and along 20 random coordinates of each input.
 */

import { gradients } from '../compiler/differentiate';
import { hostUniform } from '../graph/philox';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { feed } from '../ops/source';
import { evaluate, type Numbers } from './index';
import { type Tensor64, widen } from './tensor64';

const step = 1e-5;
const coordinates = 20;

type Move = ReadonlyMap<string, Float64Array>;

function moved(feeds: Numbers, move: Move, by: number): Numbers {
  const shifted = new Map(feeds);
  for (const [name, direction] of move) {
    const { data, ...type } = feeds.get(name) as Tensor64;
    shifted.set(name, { ...type, data: data.map((x, i) => x + by * (direction[i] as number)) });
  }
  return shifted;
}

/** The slope of `loss` along `move`. */
function slope(loss: Value, feeds: Numbers, move: Move): number {
  const at = (by: number) => (evaluate([loss], moved(feeds, move, by))[0] as Tensor64).data[0] as number;
  return (at(step) - at(-step)) / (2 * step);
}

/** max |a - n| / max(|a| + |n|), over the pairs. */
function relativeError(pairs: readonly (readonly [number, number])[]): number {
  const largest = (f: (a: number, n: number) => number) => pairs.reduce((top, [a, n]) => Math.max(top, f(a, n)), 0);
  const error = largest((a, n) =>
    Number.isFinite(a) && Number.isFinite(n) ? Math.abs(a - n) : Number.POSITIVE_INFINITY,
  );
  return (
    error /
    Math.max(
      largest((a, n) => Math.abs(a) + Math.abs(n)),
      1e-8,
    )
  );
}

/** Uniform numbers in [0, 1), one after the other. */
function generator(seed: number): () => number {
  const block = 1024;
  let drawn = 0;
  let numbers: ArrayLike<number> = [];
  return () => {
    if (drawn % block === 0) numbers = hostUniform([seed, drawn / block], block);
    return numbers[drawn++ % block] as number;
  };
}

function coordinatesOf(size: number, random: () => number): number[] {
  if (size <= coordinates) return Array.from({ length: size }, (_, i) => i);
  return Array.from({ length: coordinates }, () => Math.floor(random() * size));
}

/**
 * The largest relative error of the gradients of `loss` (a scalar) with respect to the feeds `wrt`.
 *
 * @param feeds numbers of all feeds
 */
export function gradientError(loss: Value, wrt: readonly Value[], feeds: Numbers, seed = 1): number {
  const random = generator(seed);
  const nameOf = (value: Value) => value.name as string;
  const analytic = evaluate(gradients(loss, wrt), feeds);

  const directions = wrt.map((value) => Float64Array.from({ length: sizeOf(value.shape) }, () => 2 * random() - 1));
  const along = analytic.flatMap(({ data }, i) => [...data].map((g, j) => g * (directions[i]?.[j] as number)));
  const direction = new Map(wrt.map((value, i) => [nameOf(value), directions[i] as Float64Array]));
  const errors = [relativeError([[along.reduce((a, b) => a + b, 0), slope(loss, feeds, direction)]])];

  wrt.forEach((value, i) => {
    const { data } = analytic[i] as Tensor64;
    const pairs = coordinatesOf(data.length, random).map((j): [number, number] => {
      const unit = new Float64Array(data.length);
      unit[j] = 1;
      return [data[j] as number, slope(loss, feeds, new Map([[nameOf(value), unit]]))];
    });
    errors.push(relativeError(pairs));
  });
  return Math.max(...errors);
}

/**
 * Checks the gradient of your own function against numeric differences, in float64: the largest error
 * |analytic - numeric| relative to the gradient's size, along a random direction and along up to 20 random coordinates
 * of every input. Below 1e-6 the gradient is right; choose points that are away from kinks.
 *
 * @param loss gives a scalar from values like `inputs`
 * @param inputs float32 tensors: the point at which to check
 * @throws ConvoltError `SHAPE` or `DTYPE` when `loss` does not give a float32 scalar
 * @example gradientCheck((x) => ops.sum(swish(x)), [tensor([-2, 0.5, 3])]) // 1e-10
 */
export function gradientCheck(loss: (...values: Value[]) => Value, inputs: readonly Tensor[], seed = 1): number {
  const feeds = inputs.map(({ shape, dtype }, i) => feed(`input${i}`, shape, dtype));
  const numbers = new Map(inputs.map((input, i) => [`input${i}`, widen(input)]));
  return gradientError(loss(...feeds), feeds, numbers, seed);
}

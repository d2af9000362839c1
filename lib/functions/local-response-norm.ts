/** Local response normalisation: channels that damp their neighbours (Krizhevsky et al. 2012, AlexNet). */
import { expectDType } from '../graph/define-op';
import { expectOptions } from '../graph/errors';
import { tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { add, div, mul, pow, sqrt, square } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import { reshape } from '../ops/shape';
import { constant } from '../ops/source';
import { expectChoice, expectNumber } from './option-values';

export interface LocalResponseOptions {
  /** n: channels of a neighbourhood, 1 or more. Default 5. */
  readonly size?: number;
  /** Default 1e-4. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 2. */
  readonly k?: number;
  /** 'sum' (default): alpha times the sum of squares, as in the paper. 'perN': alpha / n, as in PyTorch and Caffe. */
  readonly alphaMode?: 'sum' | 'perN';
}

/** The names of all options. */
export const localResponseOptions = ['size', 'alpha', 'beta', 'k', 'alphaMode'] as const;

/** Checks the options and fills in the defaults. */
export function resolveLocalResponse(options: LocalResponseOptions): Required<LocalResponseOptions> {
  const name = 'localResponseNorm';
  expectOptions(name, options, localResponseOptions);
  const { size = 5, alpha = 1e-4, beta = 0.75, k = 2, alphaMode = 'sum' } = options;
  expectWhole(name, 'the size', size, 1);
  expectNumber(name, 'alpha', alpha, { least: 0 });
  expectNumber(name, 'beta', beta, { least: 0 });
  expectNumber(name, 'k', k, { least: 0 });
  expectChoice(name, 'alphaMode', alphaMode, ['sum', 'perN']);
  return { size, alpha, beta, k, alphaMode };
}

/** 1 where channel j is a neighbour of channel i, so that a product with it sums over neighbourhoods: [C, C]. */
function neighbourhoods(channels: number, size: number): Value {
  const [before, behind] = [Math.floor(size / 2), Math.floor((size - 1) / 2)];
  const isNear = (j: number, i: number) => j >= i - before && j <= i + behind;
  const numbers = Float32Array.from({ length: channels * channels }, (_, place) =>
    Number(isNear(Math.floor(place / channels), place % channels)),
  );
  return constant(tensor(numbers, [channels, channels]));
}

/** d^beta; roots are quicker than powers. */
function raised(d: Value, beta: number): Value {
  if (beta === 0.5) return sqrt(d);
  if (beta !== 0.75) return pow(d, beta);
  const root = sqrt(d);
  return mul(root, sqrt(root));
}

/**
 * b_i = a_i / (k + alpha * sum of a_j^2 over the n channels around i)^beta (Krizhevsky et al. 2012), with j from
 * max(0, i - n / 2) to min(C - 1, i + n / 2). The sums over neighbourhoods are one product with a matrix of ones around the
 * diagonal.
 *
 * @param x float32 [..., C]
 * @throws ConvoltError `VALUE` for options out of range
 * @example localResponseNorm(x, { alphaMode: 'perN', k: 1 }) // PyTorch's defaults
 */
export function localResponseNorm(x: Value, options: LocalResponseOptions = {}): Value {
  const { size, alpha, beta, k, alphaMode } = resolveLocalResponse(options);
  expectDType('localResponseNorm', 'the input', x, 'float32');
  const channels = x.shape.at(-1) as number;
  const squares = reshape(square(x), [-1, channels]);
  const sums = reshape(matmul(squares, neighbourhoods(channels, size)), x.shape);
  return div(x, raised(add(mul(sums, alphaMode === 'perN' ? alpha / size : alpha), k), beta));
}

/** What binary layers share: the methods by which their weights, and inputs, become +-1. */
import { binarySign, type SignSurrogate, signSurrogates, stochasticSign } from '../functions/binary-sign';
import { binaryWeights, type WeightGradient, weightGradients } from '../functions/binary-weights';
import { expectChoice } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { xavierUniform } from '../initializers/xavier';
import { clip, mul } from '../ops/elementwise';
import { type AffineOptions, affineOptions } from './affine';

/**
 * How a binary layer is trained. W are real weights, kept in [-1, 1], which gradients change; B = sign(W), sign(0) = 1.
 *
 * | method | input | weights | paper |
 * |---|---|---|---|
 * | `binaryConnect` | real | B, or random signs of mean W | Courbariaux et al. 2015 |
 * | `bwn` | real | alpha B, alpha = mean(abs(W)) per filter | Rastegari et al. 2016 |
 * | `bnn` | sign(x) | B | Hubara et al. 2016 |
 * | `xnor` | sign(x) | alpha B; the result times K, the mean of abs(x) under the window | Rastegari et al. 2016 |
 */
export type BinaryMethod = 'binaryConnect' | 'bwn' | 'bnn' | 'xnor';

export interface BinaryAffineOptions extends AffineOptions {
  /** Default `xnor`. */
  readonly method?: BinaryMethod;
  /**
   * Of `binaryConnect`: while training, W becomes 1 with probability (W + 1) / 2, drawn anew in every step; afterwards
   * the real weights are used. Default false.
   */
  readonly stochastic?: boolean;
  /** Of `xnor`: multiply by K. Without it the result is made of bits alone. Default true. */
  readonly scaleMap?: boolean;
  /** Of `bwn` and `xnor`: what W is given. Default `paper`. */
  readonly weightGradient?: WeightGradient;
  /** Of `bnn` and `xnor`: whose gradient the sign of the input has. Default `clip`. */
  readonly surrogate?: SignSurrogate;
}

const methods: readonly BinaryMethod[] = ['binaryConnect', 'bwn', 'bnn', 'xnor'];

/** Options that only some methods have. */
const methodsOf = {
  stochastic: ['binaryConnect'],
  scaleMap: ['xnor'],
  weightGradient: ['bwn', 'xnor'],
  surrogate: ['bnn', 'xnor'],
} as const satisfies Readonly<Record<string, readonly BinaryMethod[]>>;

/** The names of all options. */
export const binaryOptions = ['method', ...Object.keys(methodsOf), ...affineOptions];

/** True for methods that take the sign of their input. */
export const hasBinaryInput = ({ method = 'xnor' }: BinaryAffineOptions): boolean => ['bnn', 'xnor'].includes(method);

/** True where the result is multiplied by K. */
export const hasScaleMap = ({ method = 'xnor', scaleMap = true }: BinaryAffineOptions): boolean =>
  method === 'xnor' && scaleMap;

/** Checks the options that all binary layers have; `more` are the names of a layer's own. */
export function expectBinaryOptions(where: string, options: BinaryAffineOptions, more: readonly string[] = []): void {
  expectOptions(where, options, [...binaryOptions, ...more]);
  const { method = 'xnor', weightGradient = 'paper', surrogate = 'clip' } = options;
  expectChoice(where, 'the method', method, methods);
  expectChoice(where, 'the weight gradient', weightGradient, weightGradients);
  expectChoice(where, 'the surrogate', surrogate, signSurrogates);
  for (const [name, allowed] of Object.entries(methodsOf)) {
    const isGiven = options[name as keyof typeof methodsOf] !== undefined;
    expect(!isGiven || (allowed as readonly string[]).includes(method), 'OPTION', () => ({
      where,
      what: `the option '${name}'`,
      expected: `given with the method ${allowed.join(' or ')}`,
      actual: `one with ${method}`,
    }));
  }
}

/** The parameter `weight` of `shape`, as what the input meets, and the factor of each filter of the result. */
export function binaryWeightOf(
  scope: Scope,
  shape: readonly number[],
  options: BinaryAffineOptions,
): { readonly weight: Value; readonly scale?: Value } {
  const { method = 'xnor', stochastic = false, weightGradient, weightInitializer = xavierUniform() } = options;
  const latent = scope.param('weight', shape, weightInitializer, { constraint: (w) => clip(w, -1, 1) });
  if (stochastic) return { weight: scope.training ? stochasticSign(latent, scope.key()) : latent };
  if (method === 'binaryConnect' || method === 'bnn') return { weight: binarySign(latent) };
  const { signs, scale } = binaryWeights(latent, { gradient: weightGradient });
  return { weight: signs, scale };
}

/** y times the factors that are there. */
export const rescaled = (y: Value, ...factors: readonly (Value | undefined)[]): Value =>
  factors.reduce<Value>((product, factor) => (factor ? mul(product, factor) : product), y);

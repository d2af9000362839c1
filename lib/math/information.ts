/** Measures of information, in nats: what distributions tell, and how they differ. */
import { expect } from '../graph/errors';

const tolerance = 1e-6;

/** Throws unless both are distributions over the same classes. */
function expectDistributions(where: string, ...distributions: ArrayLike<number>[]): void {
  for (const p of distributions) {
    const numbers = Array.from(p);
    const total = numbers.reduce((sum, x) => sum + x, 0);
    const isFit = numbers.every((x) => x >= 0) && Math.abs(total - 1) <= tolerance;
    expect(isFit && p.length === distributions[0]?.length, 'VALUE', () => ({
      where,
      what: 'every distribution',
      expected: 'numbers of 0 or more that add up to 1, as many as in the others',
      actual: `${p.length} numbers that add up to ${total}`,
    }));
  }
}

/** sum of f over the classes that p holds for possible. */
const expectation = (p: ArrayLike<number>, f: (k: number) => number): number =>
  Array.from(p).reduce((sum, x, k) => (x === 0 ? sum : sum + x * f(k)), 0);

/**
 * H(p) = -sum of p_k log p_k, with 0 log 0 = 0: how uncertain p is; 0 for a sure one, log K for the uniform one (Shannon
 * 1948).
 *
 * @throws ConvoltError `VALUE` when p is no distribution
 * @example math.entropy([0.5, 0.5]) // 0.693147
 */
export function entropy(p: ArrayLike<number>): number {
  expectDistributions('entropy', p);
  return expectation(p, (k) => -Math.log(p[k] as number));
}

/**
 * H(p, q) = -sum of p_k log q_k = H(p) + KL(p || q): infinite where q rules out what p does not.
 *
 * @throws ConvoltError `VALUE` unless both are distributions over as many classes
 * @example math.crossEntropy([0.5, 0.5], [0.9, 0.1]) // 1.203973
 */
export function crossEntropy(p: ArrayLike<number>, q: ArrayLike<number>): number {
  expectDistributions('crossEntropy', p, q);
  return expectation(p, (k) => -Math.log(q[k] as number));
}

/**
 * KL(p || q) = sum of p_k log(p_k / q_k): 0 for equal ones, above 0 for others, not symmetric (Kullback and Leibler 1951).
 *
 * @throws ConvoltError `VALUE` unless both are distributions over as many classes
 * @example math.klDivergence([0.5, 0.5], [0.9, 0.1]) // 0.510826
 */
export function klDivergence(p: ArrayLike<number>, q: ArrayLike<number>): number {
  expectDistributions('klDivergence', p, q);
  return expectation(p, (k) => Math.log((p[k] as number) / (q[k] as number)));
}

/**
 * JS(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2: symmetric, between 0 and log 2 (Lin 1991). The best
 * discriminator of a generative adversarial network reaches the value -log 4 + 2 JS(p, q) (Goodfellow et al. 2014).
 *
 * @throws ConvoltError `VALUE` unless both are distributions over as many classes
 * @example math.jsDivergence([0.5, 0.5], [0.9, 0.1]) // 0.101749
 */
export function jsDivergence(p: ArrayLike<number>, q: ArrayLike<number>): number {
  expectDistributions('jsDivergence', p, q);
  const middle = Array.from(p, (x, k) => (x + (q[k] as number)) / 2);
  return (klDivergence(p, middle) + klDivergence(q, middle)) / 2;
}

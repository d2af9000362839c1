/** How convolutions are computed: chosen per call, or for all of them. */
import { expect } from '../graph/errors';

/** The order equals the native core's. */
export const convolutionAlgorithms = ['auto', 'direct', 'winograd'] as const;

/**
 * `direct` sums products as written; `winograd` computes square kernels of 2 to 5 taps and stride 1 by F(5x5, 2x2),
 * F(4x4, 3x3), F(3x3, 4x4) and F(2x2, 5x5) (Lavin and Gray 2015), with a quarter to a third of the products: its errors
 * are about 1e-6 of the size of typical results, and 2e-5 at the most, or 4e-5 in the gradient to the weights of 4x4 and
 * 5x5 kernels, where `direct` has a fifth of that; it is `direct` where it does not apply;
 * `auto` takes the quicker of both.
 */
export type ConvolutionAlgorithm = (typeof convolutionAlgorithms)[number];

let global: ConvolutionAlgorithm = 'auto';

/** The algorithm of convolutions that name none. */
export const convolutionAlgorithm = (): ConvolutionAlgorithm => global;

/**
 * Sets the algorithm of the convolutions that are traced from now on and name none. Default `auto`.
 *
 * @throws ConvoltError `OPTION` for an unknown algorithm
 * @example setConvolutionAlgorithm('direct')
 */
export function setConvolutionAlgorithm(algorithm: ConvolutionAlgorithm): void {
  global = expectAlgorithm('setConvolutionAlgorithm', algorithm);
}

/** The algorithm itself, or a complaint. */
export function expectAlgorithm(where: string, algorithm: ConvolutionAlgorithm): ConvolutionAlgorithm {
  expect(convolutionAlgorithms.includes(algorithm), 'OPTION', () => ({
    where,
    what: 'the algorithm',
    expected: `one of ${convolutionAlgorithms.join(', ')}`,
    actual: `'${algorithm}'`,
  }));
  return algorithm;
}

/** A small network slid over an image (Lin et al. 2014, network in network). */
import { relu } from '../functions/activations';
import { expect, expectOptions } from '../graph/errors';
import type { Pair } from '../ops/window';
import { type AffineOptions, affineOptions } from './affine';
import { type Conv2dOptions, conv2d } from './conv2d';
import { type Layer, layer } from './layer';

/** `stride` and `padding` of the first convolution, and the options of all three. */
export type MlpconvOptions = Pick<Conv2dOptions, 'stride' | 'padding'> & AffineOptions;

/**
 * A convolution followed by two 1 x 1 convolutions, with an activation behind each: a multi-layer perceptron that is slid
 * over the image (Lin et al. 2014): [N, H, W, C] to [N, H', W', filters[2]].
 *
 * Parameters: `conv2d.weight`, `conv2d.bias`, `conv2d2.weight`, ..., `conv2d3.bias`.
 *
 * @param filters of the three convolutions
 * @param options.activation default ReLU
 * @example mlpconv([192, 160, 96], 5, { padding: 2 }) // the first block of the network for CIFAR
 */
export function mlpconv(
  filters: readonly [number, number, number],
  kernel: number | Pair,
  options: MlpconvOptions = {},
): Layer {
  expectOptions('mlpconv', options, ['stride', 'padding', ...affineOptions]);
  expect(Array.isArray(filters) && filters.length === 3, 'VALUE', () => ({
    where: 'mlpconv',
    what: 'the filters',
    expected: 'three numbers',
    actual: JSON.stringify(filters),
  }));
  const { stride, padding, ...rest } = options;
  const affine = { activation: relu, ...rest };
  const [first, second, third] = filters;
  const layers = [
    conv2d(first, kernel, { stride, padding, ...affine }),
    conv2d(second, 1, affine),
    conv2d(third, 1, affine),
  ];
  return layer('mlpconv', (x, scope) => layers.reduce((value, convolution) => convolution(value, scope), x));
}

/** Transposed convolution as a layer. */
import { expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import {
  conv2dTransposeOptions,
  type Conv2dTransposeOptions as Geometry,
  conv2dTranspose as transpose,
} from '../ops/conv2d-transpose';
import { type Pair, resolvePair } from '../ops/window';
import { type AffineOptions, affineOptions, finish, weightOf } from './affine';
import { type Layer, layer } from './layer';

/** `stride`, `padding`, `outputPadding`, `dilation`, `groups` and `algorithm` are those of the op `conv2dTranspose`. */
export type Conv2dTransposeOptions = Geometry & AffineOptions;

/**
 * Makes images larger by the adjoint of a convolution: [N, H, W, C] to [N, H', W', filters].
 *
 * Parameters: `weight` [kernel height, kernel width, filters / groups, C], `bias` [filters].
 *
 * @param kernel pixels of a side, or [height, width]
 * @throws ConvoltError `VALUE` when `groups` does not divide the filters; `SHAPE` while tracing when x is not an image,
 *   `groups` does not divide its channels, or nothing is left of the output
 * @example conv2dTranspose(64, 4, { stride: 2, padding: 1 }) // twice as high and wide
 */
export function conv2dTranspose(filters: number, kernel: number | Pair, options: Conv2dTransposeOptions = {}): Layer {
  const where = 'conv2dTranspose';
  expectWhole(where, 'the number of filters', filters, 1);
  const size = resolvePair(where, 'the kernel', kernel, 1);
  expectOptions(where, options, [...conv2dTransposeOptions, ...affineOptions]);
  const { stride, padding, outputPadding, dilation, groups = 1, algorithm } = options;
  expectWhole(where, 'groups', groups, 1);
  expect(filters % groups === 0, 'VALUE', () => ({
    where,
    what: 'the filters',
    expected: `divisible by ${groups} groups`,
    actual: String(filters),
  }));
  return layer(where, (x, scope) => {
    expectRank(where, 'the input', x, 4, '[N, H, W, C]');
    const weight = weightOf(scope, [...size, filters / groups, x.shape[3] as number], options);
    return finish(
      transpose(x, weight, { stride, padding, outputPadding, dilation, groups, algorithm }),
      scope,
      options,
    );
  });
}

/** Convolution whose taps stand where a second convolution moves them, as a layer. */
import {
  type DeformableConv2dOptions as Deformation,
  deformableConv2d as deform,
  deformableOptions,
} from '../functions/deformable-conv2d';
import { expectRank } from '../graph/define-op';
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { zeros } from '../initializers/constant';
import { type Pair, resolvePair } from '../ops/window';
import { type AffineOptions, affineOptions, finish, weightOf } from './affine';
import { conv2d } from './conv2d';
import { type Layer, layer } from './layer';

export type DeformableConv2dOptions = Deformation & AffineOptions;

/**
 * y(p) = sum over taps k of w_k * x(p + p_k + offset_k(p)): the window takes the form of what it sees (Dai et al. 2017).
 * The offsets come from a convolution of the same geometry that starts from zeros, so that training begins with a plain
 * convolution: [N, H, W, C] to [N, H', W', filters].
 *
 * Parameters: `weight` [kh, kw, C, filters], `bias` [filters], `offset.weight` [kh, kw, C, 2 * kh * kw * offsetGroups],
 * `offset.bias`.
 *
 * @param kernel pixels of a side, or [height, width]
 * @param options.offsetGroups groups of channels with offsets of their own; default 1
 * @example deformableConv2d(32, 3, { padding: 'same' })
 */
export function deformableConv2d(filters: number, kernel: number | Pair, options: DeformableConv2dOptions = {}): Layer {
  const name = 'deformableConv2d';
  expectWhole(name, 'the number of filters', filters, 1);
  const size = resolvePair(name, 'the kernel', kernel, 1);
  expectOptions(name, options, [...deformableOptions, ...affineOptions]);
  const { stride, padding, dilation, offsetGroups = 1 } = options;
  expectWhole(name, 'offsetGroups', offsetGroups, 1);
  const geometry = { stride, padding, dilation };
  const offset = conv2d(2 * size[0] * size[1] * offsetGroups, size, { ...geometry, weightInitializer: zeros });
  return layer(name, (x, scope) => {
    expectRank(name, 'the input', x, 4, '[N, H, W, C]');
    const weight = weightOf(scope, [...size, x.shape[3] as number, filters], options);
    const moved = deform(x, offset(x, scope, 'offset'), weight, { ...geometry, offsetGroups });
    return finish(moved, scope, options);
  });
}

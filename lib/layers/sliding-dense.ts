/** A fully connected layer as a convolution: the same weights slid over larger images. */
import { expectRank } from '../graph/define-op';
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { conv2d } from '../ops/conv2d';
import { reshape } from '../ops/shape';
import { type Pair, resolvePair } from '../ops/window';
import { type AffineOptions, affineOptions, finish, weightOf } from './affine';
import { type Layer, layer } from './layer';

/**
 * `dense` behind `flatten` as the convolution that it is (Long et al. 2015): a layer of h x w x C inputs is a bank of
 * h x w filters, one per unit; one behind another such layer is a 1 x 1 convolution. Parameters have the paths and shapes
 * of `dense`, so that a trained classifier can be loaded and slides over images of any size:
 * [N, H, W, C] to [N, H - h + 1, W - w + 1, units].
 *
 * Parameters: `dense.weight` [h * w * C, units], `dense.bias` [units].
 *
 * @param window h and w: the size of the images that `flatten` was given; default 1
 * @throws ConvoltError `SHAPE` while tracing when the image is smaller than the window
 * @example
 * const classifier = sequential(features, flatten(), dense(64), relu(), dense(10));
 * const sliding = sequential(features, slidingDense(64, 7), relu(), slidingDense(10)); // loads the same checkpoint
 */
export function slidingDense(units: number, window: number | Pair = 1, options: AffineOptions = {}): Layer {
  expectWhole('slidingDense', 'the number of units', units, 1);
  const size = resolvePair('slidingDense', 'the window', window, 1);
  expectOptions('slidingDense', options, affineOptions);
  return layer('dense', (x, scope) => {
    expectRank('slidingDense', 'the input', x, 4, '[N, H, W, C]');
    const channels = x.shape[3] as number;
    const weight = weightOf(scope, [size[0] * size[1] * channels, units], options);
    return finish(conv2d(x, reshape(weight, [...size, channels, units])), scope, options);
  });
}

/** SqueezeNet: few parameters by 1x1 convolutions that feed wider ones (Iandola et al. 2016). */
import { expectOptions } from '../../graph/errors';
import { branch, conv2d, dropout, globalAveragePool, type Layer, layer, maxPool, relu, sequential } from '../../layers';

/**
 * The fire module: a 1x1 convolution, then 1x1 and 3x3 convolutions side by side, all with ReLU: [N, H, W, C] to
 * [N, H, W, 2 * expand].
 *
 * @param squeeze filters of the first convolution
 * @param expand filters of each of the other two
 */
export function fire(squeeze: number, expand: number): Layer {
  const both = branch({ narrow: conv2d(expand, 1), wide: conv2d(expand, 3, { padding: 1 }) });
  return layer('fire', sequential({ squeeze: sequential(conv2d(squeeze, 1), relu()), expand: both, relu: relu() }));
}

export interface SqueezenetOptions {
  /** Channels of the last convolution. Default 1000. */
  readonly classes?: number;
  /** Share of activations dropped before the last convolution. Default 0.5. */
  readonly dropout?: number;
}

const pool = (): Layer => maxPool(3, { stride: 2, ceil: true });

/**
 * SqueezeNet 1.1: images [N, H, W, C] of at least 25 pixels a side to logits [N, classes]; 1,235,496 parameters.
 *
 * Parameters stand under `stem`, `stage1` to `stage3`, and `head`.
 *
 * @throws ConvoltError `OPTION` for an unknown option
 */
export function squeezenet(options: SqueezenetOptions = {}): Layer {
  expectOptions('squeezenet', options, ['classes', 'dropout']);
  const { classes = 1000, dropout: share = 0.5 } = options;
  return sequential({
    stem: sequential(conv2d(64, 3, { stride: 2 }), relu(), pool()),
    stage1: sequential(fire(16, 64), fire(16, 64), pool()),
    stage2: sequential(fire(32, 128), fire(32, 128), pool()),
    stage3: sequential(fire(48, 192), fire(48, 192), fire(64, 256), fire(64, 256)),
    head: sequential(...(share ? [dropout(share)] : []), conv2d(classes, 1), relu(), globalAveragePool()),
  });
}

/** MobileNetV2: inverted residuals with linear bottlenecks (Sandler et al. 2018). */

import { expectNumber } from '../../functions/option-values';
import { expectRank } from '../../graph/define-op';
import { expectOptions } from '../../graph/errors';
import { batchNorm, depthwiseConv2d, type Layer, layer, relu6, sequential } from '../../layers';
import { add } from '../../ops/elementwise';
import { convNorm, expectForm, type NetworkForm, pooledClassifier } from './blocks';

export interface InvertedResidualOptions {
  /** Of the depthwise convolution. Default 1. */
  readonly stride?: number;
  /** Channels of the depthwise convolution as a multiple of those of the input. Default 6. */
  readonly expansion?: number;
}

/**
 * A 1x1 convolution to many channels (left out at expansion 1), a 3x3 depthwise convolution, both with ReLU6, and a 1x1
 * convolution to few channels without activation: [N, H, W, C] to [N, H / stride, W / stride, filters]. The input is
 * added where its shape is that of the result.
 */
export function invertedResidual(filters: number, options: InvertedResidualOptions = {}): Layer {
  expectOptions('invertedResidual', options, ['stride', 'expansion']);
  const { stride = 1, expansion = 6 } = options;
  return layer('invertedResidual', (x, scope) => {
    expectRank('invertedResidual', 'the input', x, 4, '[N, H, W, C]');
    const channels = x.shape[3] as number;
    const y = sequential(
      ...(expansion === 1 ? [] : [convNorm(channels * expansion, 1), relu6()]),
      depthwiseConv2d(3, { stride, padding: 1, bias: false }),
      batchNorm(),
      relu6(),
      convNorm(filters, 1),
    )(x, scope);
    return stride === 1 && channels === filters ? add(x, y) : y;
  });
}

export interface MobilenetOptions {
  /** Units of the last layer. Default 1000. */
  readonly classes?: number;
  /** `imagenet` (default) divides the sides by 32, `cifar` by 8. */
  readonly form?: NetworkForm;
  /** Factor of all numbers of channels, which are then rounded to multiples of 8. Default 1. */
  readonly width?: number;
  /** Share of activations dropped before the last layer. Default 0.2; 0 in the form `cifar`. */
  readonly dropout?: number;
}

/** Expansion, filters, blocks and stride of each stage (table 2 of the paper). */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** The multiple of 8 that is nearest to `channels`, at least 8, and not below by more than a tenth. */
function roundedChannels(channels: number): number {
  const nearest = Math.max(8, 8 * Math.floor((channels + 4) / 8));
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}

/**
 * MobileNetV2: images [N, H, W, C] to logits [N, classes]; 3,504,872 parameters; its form for CIFAR-10 with 10 classes
 * 2,236,682.
 *
 * Parameters stand under `stem`, `stage1` to `stage7`, `last` and `head`.
 *
 * @throws ConvoltError `OPTION` for an unknown option or form; `VALUE` for a width that is not above 0
 * @example mobilenetV2({ width: 0.5, form: 'cifar', classes: 10 })
 */
export function mobilenetV2(options: MobilenetOptions = {}): Layer {
  expectOptions('mobilenetV2', options, ['classes', 'form', 'width', 'dropout']);
  const { classes = 1000, form = 'imagenet', width = 1 } = options;
  expectForm('mobilenetV2', form);
  expectNumber('mobilenetV2', 'width', width, { above: 0 });
  const { dropout = form === 'cifar' ? 0 : 0.2 } = options;
  const early = form === 'cifar' ? 1 : 2;
  const stage = ([expansion, filters, count, stride]: (typeof stages)[number], i: number): Layer =>
    sequential(
      ...Array.from({ length: count }, (_, j) =>
        invertedResidual(roundedChannels(filters * width), {
          stride: j ? 1 : i === 1 ? early : stride,
          expansion,
        }),
      ),
    );
  return sequential({
    stem: sequential(convNorm(roundedChannels(32 * width), 3, early), relu6()),
    ...Object.fromEntries(stages.map((settings, i) => [`stage${i + 1}`, stage(settings, i)])),
    last: sequential(convNorm(roundedChannels(1280 * Math.max(1, width)), 1), relu6()),
    head: pooledClassifier(classes, dropout),
  });
}

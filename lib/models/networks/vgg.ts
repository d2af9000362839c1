/** VGG: stacks of 3x3 convolutions with max pooling between them (Simonyan and Zisserman 2014). */
import { expectOptions } from '../../graph/errors';
import {
  adaptiveAveragePool,
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  type Layer,
  maxPool,
  relu,
  sequential,
} from '../../layers';
import { expectForm, type NetworkForm } from './blocks';

export interface VggOptions {
  /** Units of the last layer. Default 1000. */
  readonly classes?: number;
  /**
   * `imagenet` (default) ends in two hidden layers over 7x7 averages and takes sides of at least 32 pixels, `cifar` ends
   * in the last layer alone and takes at least 17.
   */
  readonly form?: NetworkForm;
  /** Normalises after every convolution (Ioffe and Szegedy 2015). Default false. */
  readonly batchNorm?: boolean;
  /** Filters of the first stage; the others have 2, 4, 8 and 8 times as many. Default 64. */
  readonly filters?: number;
  /** Units of the hidden layers. Default 4096. */
  readonly hidden?: number;
  /** Share of activations dropped behind each hidden layer, or before the last layer in the form `cifar`. Default 0.5, or 0. */
  readonly dropout?: number;
}

const widths = [1, 2, 4, 8, 8];

/** A VGG with so many convolutions per stage. */
function vgg(where: string, stages: readonly number[], options: VggOptions): Layer {
  expectOptions(where, options, ['classes', 'form', 'batchNorm', 'filters', 'hidden', 'dropout']);
  const { classes = 1000, form = 'imagenet', filters = 64, hidden = 4096 } = options;
  expectForm(where, form);
  const { dropout: share = form === 'cifar' ? 0 : 0.5 } = options;
  const drop = (): Layer[] => (share ? [dropout(share)] : []);
  const convolution = (units: number): Layer[] => [
    conv2d(units, 3, { padding: 1 }),
    ...(options.batchNorm ? [batchNorm()] : []),
    relu(),
  ];
  const stage = (count: number, i: number): Layer =>
    sequential(
      ...Array.from({ length: count }, () => convolution(filters * (widths[i] as number))).flat(),
      maxPool(2, { ceil: form === 'cifar' }),
    );
  const hiddenLayer = (): Layer[] => [dense(hidden), relu(), ...drop()];
  return sequential({
    ...Object.fromEntries(stages.map((count, i) => [`stage${i + 1}`, stage(count, i)])),
    head:
      form === 'cifar'
        ? sequential(flatten(), ...drop(), dense(classes))
        : sequential(adaptiveAveragePool(7), flatten(), ...hiddenLayer(), ...hiddenLayer(), dense(classes)),
  });
}

/**
 * VGG-11: images [N, H, W, C] to logits [N, classes]; 132,863,336 parameters, with batch normalisation 132,868,840; its
 * form for CIFAR-10 with batch normalisation and 10 classes 9,231,114.
 *
 * @throws ConvoltError `OPTION` for an unknown option or form
 */
export const vgg11 = (options: VggOptions = {}): Layer => vgg('vgg11', [1, 1, 2, 2, 2], options);

/** VGG-13: 133,047,848 parameters, with batch normalisation 133,053,736. */
export const vgg13 = (options: VggOptions = {}): Layer => vgg('vgg13', [2, 2, 2, 2, 2], options);

/** VGG-16: 138,357,544 parameters, with batch normalisation 138,365,992. */
export const vgg16 = (options: VggOptions = {}): Layer => vgg('vgg16', [2, 2, 3, 3, 3], options);

/** VGG-19: 143,667,240 parameters, with batch normalisation 143,678,248. */
export const vgg19 = (options: VggOptions = {}): Layer => vgg('vgg19', [2, 2, 4, 4, 4], options);

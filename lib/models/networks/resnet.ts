/** Residual networks (He et al. 2015, Deep Residual Learning), the stride of a bottleneck on its 3x3 convolution. */
import { expectOptions } from '../../graph/errors';
import { expectWhole } from '../../graph/whole';
import { type Layer, layer, maxPool, relu, residual, sequential } from '../../layers';
import { convNorm, expectForm, type NetworkForm, pooledClassifier } from './blocks';

export interface ResidualBlockOptions {
  /** Of the block's 3x3 convolution, the first if there are two. Default 1. */
  readonly stride?: number;
}

/** x where it fits as it is, else a 1x1 convolution with batch normalisation. */
const shortcut = (filters: number, stride: number): Layer =>
  layer('shortcut', (x, scope) =>
    stride === 1 && x.shape[3] === filters ? x : convNorm(filters, 1, stride)(x, scope),
  );

const joined = (body: Layer, filters: number, stride: number): Layer =>
  sequential(residual(body, { shortcut: shortcut(filters, stride) }), relu());

/**
 * relu(shortcut(x) + F(x)) with two 3x3 convolutions in F: [N, H, W, C] to [N, H / stride, W / stride, filters].
 *
 * The shortcut is x itself, or a 1x1 convolution where the shapes differ.
 */
export function basicBlock(filters: number, options: ResidualBlockOptions = {}): Layer {
  expectOptions('basicBlock', options, ['stride']);
  const { stride = 1 } = options;
  const body = sequential(convNorm(filters, 3, stride), relu(), convNorm(filters, 3));
  return joined(body, filters, stride);
}

/**
 * relu(shortcut(x) + F(x)) with 1x1, 3x3 and 1x1 convolutions in F: [N, H, W, C] to [N, H', W', 4 * filters].
 *
 * @param filters of the first two convolutions; the last one has four times as many
 */
export function bottleneckBlock(filters: number, options: ResidualBlockOptions = {}): Layer {
  expectOptions('bottleneckBlock', options, ['stride']);
  const { stride = 1 } = options;
  const wide = 4 * filters;
  const body = sequential(convNorm(filters, 1), relu(), convNorm(filters, 3, stride), relu(), convNorm(wide, 1));
  return joined(body, wide, stride);
}

export interface ResnetOptions {
  /** Units of the last layer. Default 1000; 10 for `resnet20`. */
  readonly classes?: number;
  /**
   * `imagenet` begins with a 7x7 convolution of stride 2 and max pooling, `cifar` with a 3x3 convolution. Default
   * `imagenet`; `cifar` for `resnet20`.
   */
  readonly form?: NetworkForm;
  /** Filters of the first stage; each further stage has twice as many. Default 64; 16 for `resnet20`. */
  readonly filters?: number;
  /** Share of activations dropped before the last layer. Default 0. */
  readonly dropout?: number;
}

/** What tells the depths apart. */
export interface ResnetDepth {
  /** Blocks of each stage; all stages but the first halve the image. */
  readonly stages: readonly number[];
  /** `basicBlock` (default) or `bottleneckBlock`. */
  readonly block?: (filters: number, options: ResidualBlockOptions) => Layer;
  /** What stands before the stages, in the place of what `form` says. */
  readonly stem?: Layer;
}

const stems: Readonly<Record<NetworkForm, (filters: number) => Layer>> = {
  imagenet: (filters) => sequential(convNorm(filters, 7, 2), relu(), maxPool(3, { stride: 2, padding: 1 })),
  cifar: (filters) => sequential(convNorm(filters, 3), relu()),
};

/**
 * A residual network of any depth: images [N, H, W, C] to logits [N, classes].
 *
 * Parameters stand under `stem`, `stage1` to the last stage, and `head`.
 *
 * @throws ConvoltError `OPTION` for an unknown option or form; `VALUE` without stages or blocks
 * @example resnet({ stages: [9, 9, 9], form: 'cifar', filters: 16, classes: 10 }) // the ResNet-56 of CIFAR-10
 */
export function resnet(options: ResnetOptions & ResnetDepth): Layer {
  expectOptions('resnet', options, ['classes', 'form', 'filters', 'dropout', 'stages', 'block', 'stem']);
  const { classes = 1000, form = 'imagenet', filters = 64, dropout, stages, block = basicBlock } = options;
  expectForm('resnet', form);
  const { stem = stems[form](filters) } = options;
  expectWhole('resnet', 'the number of stages', stages.length, 1);
  stages.forEach((count, i) => {
    expectWhole('resnet', `blocks of stage ${i + 1}`, count, 1);
  });
  const stage = (count: number, i: number): Layer =>
    sequential(...Array.from({ length: count }, (_, j) => block(filters * 2 ** i, { stride: i && !j ? 2 : 1 })));
  return sequential({
    stem,
    ...Object.fromEntries(stages.map((count, i) => [`stage${i + 1}`, stage(count, i)])),
    head: pooledClassifier(classes, dropout),
  });
}

/** ResNet-18: 11,689,512 parameters; its form for CIFAR-10 with 10 classes 11,173,962. */
export const resnet18 = (options: ResnetOptions = {}): Layer => resnet({ ...options, stages: [2, 2, 2, 2] });

/** ResNet-34: 21,797,672 parameters. */
export const resnet34 = (options: ResnetOptions = {}): Layer => resnet({ ...options, stages: [3, 4, 6, 3] });

/** ResNet-50, of bottleneck blocks: 25,557,032 parameters. */
export const resnet50 = (options: ResnetOptions = {}): Layer =>
  resnet({ ...options, stages: [3, 4, 6, 3], block: bottleneckBlock });

/** ResNet-101, of bottleneck blocks: 44,549,160 parameters. */
export const resnet101 = (options: ResnetOptions = {}): Layer =>
  resnet({ ...options, stages: [3, 4, 23, 3], block: bottleneckBlock });

/**
 * The ResNet-20 of CIFAR-10 (section 4.2 of the paper) with 1x1 convolutions as shortcuts: 272,474 parameters for three
 * channels and 10 classes.
 */
export const resnet20 = (options: ResnetOptions = {}): Layer =>
  resnet({ classes: 10, form: 'cifar', filters: 16, ...options, stages: [3, 3, 3] });

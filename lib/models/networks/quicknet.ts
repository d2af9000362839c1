/** A network for quick prediction: binary convolutions with a way around each (after Bannink et al. 2021, QuickNet). */
import { expect, expectOptions } from '../../graph/errors';
import { expectWhole } from '../../graph/whole';
import {
  batchNorm,
  binaryConv2d,
  conv2d,
  depthwiseConv2d,
  type Layer,
  maxPool,
  relu,
  residual,
  sequential,
} from '../../layers';
import { convNorm, expectForm, type NetworkForm, pooledClassifier } from './blocks';

export interface QuicknetOptions {
  /** Units of the last layer. Default 1000. */
  readonly classes?: number;
  /** `imagenet` (default) begins by making the image four times smaller, `cifar` keeps its size. */
  readonly form?: NetworkForm;
  /** Filters of each stage. Default [64, 128, 256, 512]. */
  readonly filters?: readonly number[];
  /** Binary convolutions of each stage. Default [4, 4, 4, 4]. */
  readonly blocks?: readonly number[];
  /** Share of activations dropped before the last layer. Default 0. */
  readonly dropout?: number;
}

/** A real beginning: few filters, made small per channel, then as many filters as the first stage has. */
const stems: Readonly<Record<NetworkForm, (filters: number) => Layer>> = {
  imagenet: (filters) =>
    sequential(
      convNorm(Math.floor(filters / 4), 3, 2),
      relu(),
      depthwiseConv2d(3, { stride: 2, padding: 1, bias: false }),
      batchNorm(),
      convNorm(filters, 1),
    ),
  cifar: (filters) => convNorm(filters, 3),
};

/** batchNorm(relu(sign(x) * B)) + x, with ones around the signs. */
const block = (filters: number): Layer =>
  residual(sequential(binaryConv2d(filters, 3, { method: 'bnn', padding: 1, paddingValue: 1 }), relu(), batchNorm()));

/** To half the size and the next number of filters, in real numbers. */
const transition = (filters: number): Layer =>
  sequential(relu(), maxPool(3, { stride: 2, padding: 1 }), conv2d(filters, 1, { bias: false }), batchNorm());

/**
 * Images [N, H, W, C] to logits [N, classes]. The first layers, the 1x1 convolutions between stages and the last layer are
 * real, all 3x3 convolutions of the stages are of +-1.
 *
 * 13,230,056 parameters, 12,533,760 of them binary; with `{ form: 'cifar', classes: 10, filters: [32, 64, 128],
 * blocks: [2, 2, 2] }` 400,810.
 *
 * @throws ConvoltError `VALUE` when there are not as many numbers of filters as of blocks
 */
export function quicknet(options: QuicknetOptions = {}): Layer {
  expectOptions('quicknet', options, ['classes', 'form', 'filters', 'blocks', 'dropout']);
  const { classes = 1000, form = 'imagenet', filters = [64, 128, 256, 512], blocks = [4, 4, 4, 4], dropout } = options;
  expectForm('quicknet', form);
  expect(filters.length === blocks.length && filters.length > 0, 'VALUE', () => ({
    where: 'quicknet',
    what: 'the stages',
    expected: 'at least one, with filters and blocks for each',
    actual: `filters ${filters.join()} and blocks ${blocks.join()}`,
  }));
  for (const count of filters) expectWhole('quicknet', 'the filters', count, 4);
  for (const count of blocks) expectWhole('quicknet', 'the blocks', count, 1);
  const stage = (count: number, i: number): Layer => {
    const width = filters[i] as number;
    const binary = Array.from({ length: count }, () => block(width));
    return sequential(...(i > 0 ? [transition(width)] : []), ...binary);
  };
  return sequential({
    stem: stems[form](filters[0] as number),
    ...Object.fromEntries(blocks.map((count, i) => [`stage${i + 1}`, stage(count, i)])),
    head: sequential(relu(), pooledClassifier(classes, dropout)),
  });
}

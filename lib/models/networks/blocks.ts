/** Blocks and options that several networks share. */
import { expectChoice } from '../../functions/option-values';
import { batchNorm, conv2d, dense, dropout, globalAveragePool, type Layer, sequential } from '../../layers';

/**
 * How a network meets its images: `imagenet` makes them small at once and suits sides of about 224 pixels, `cifar` keeps
 * their size in the first layers and suits sides of about 32.
 */
export type NetworkForm = 'imagenet' | 'cifar';

/** Throws unless `form` is known. */
export const expectForm = (where: string, form: NetworkForm): void =>
  expectChoice(where, 'form', form, ['imagenet', 'cifar']);

/**
 * A convolution without bias that keeps the size (divided by the stride), and batch normalisation.
 *
 * @param kernel pixels of a side, odd
 */
export const convNorm = (filters: number, kernel: number, stride = 1): Layer =>
  sequential(conv2d(filters, kernel, { stride, padding: (kernel - 1) / 2, bias: false }), batchNorm());

/** The mean of every channel, dropout, and a fully connected layer: [N, H, W, C] to logits [N, classes]. */
export const pooledClassifier = (classes: number, share = 0): Layer =>
  sequential(globalAveragePool(), ...(share ? [dropout(share)] : []), dense(classes));

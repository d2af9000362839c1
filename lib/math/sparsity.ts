/** How many connections a convolution has, and how many a dense layer would have. */
import { expectWhole } from '../graph/whole';
import { outputSize, type WindowOptions } from './output-size';

/** Connections of a convolution beside those of a dense layer. */
export interface Connections {
  /** Height and width of the output. */
  readonly output: readonly [number, number];
  /** Links of the convolution: kernel pixels times output pixels. */
  readonly links: number;
  /** Links if every output pixel saw every input pixel. */
  readonly denseLinks: number;
  /** The share of links that the convolution does without. */
  readonly sparsity: number;
  /** Different weights: the links share them. */
  readonly weights: number;
}

/**
 * k n links of a convolution with k taps and n outputs, instead of m n of a dense layer from m inputs: each output sees a
 * window only (sparse connections), and all windows share k weights.
 *
 * @param input height and width of the image, one channel
 * @throws ConvoltError `SHAPE` when the kernel does not fit
 * @example math.connections([32, 32], 5).links // 19600 instead of 802816, with 25 weights
 */
export function connections(
  input: readonly [number, number],
  kernel: number,
  options: WindowOptions = {},
): Connections {
  expectWhole('connections', 'the kernel', kernel, 1);
  const output = input.map((size) => outputSize(size, kernel, options)) as [number, number];
  const outputs = output[0] * output[1];
  const links = kernel * kernel * outputs;
  const denseLinks = input[0] * input[1] * outputs;
  return { output, links, denseLinks, sparsity: 1 - links / denseLinks, weights: kernel * kernel };
}

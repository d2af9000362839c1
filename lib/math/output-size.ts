/** How large images are behind a window. */
import { expect, expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { outputSize as positions, resolveSliding } from '../ops/window';

export interface WindowOptions {
  /** Pixels from one position to the next. Default 1. */
  readonly stride?: number;
  /** Pixels on both sides, or by name. Default 0. */
  readonly padding?: number | 'valid' | 'same' | 'full';
  /** Pixels from one tap to the next. Default 1. */
  readonly dilation?: number;
  /** Rounds up instead of down, as pooling may. Default false. */
  readonly ceil?: boolean;
}

/** A transposed convolution: how many pixels are added behind, besides. */
export interface TransposedOptions extends Omit<WindowOptions, 'padding' | 'ceil'> {
  /** Pixels on both sides that are cut off. Default 0. */
  readonly padding?: number;
  /** Pixels that are added at one side. Default 0. */
  readonly outputPadding?: number;
}

/**
 * floor((size + 2 padding - dilation (window - 1) - 1) / stride) + 1: the positions of a window of a convolution or pooling
 * along one axis. 'same' gives ceil(size / stride), 'full' size + dilation (window - 1) for stride 1, 'valid' has no padding.
 *
 * @throws ConvoltError `SHAPE` when the window does not fit; `VALUE` for sizes that are no whole numbers
 * @example math.outputSize(224, 7, { stride: 2, padding: 3 }) // 112
 */
export function outputSize(size: number, window: number, options: WindowOptions = {}): number {
  expectOptions('outputSize', options, ['stride', 'padding', 'dilation', 'ceil']);
  expectWhole('outputSize', 'the size', size, 1);
  expectWhole('outputSize', 'the window', window, 1);
  const { ceil = false, ...sliding } = options;
  const { stride, padding, dilation } = resolveSliding('outputSize', [1, size, size, 1], [window, window], sliding);
  const found = positions(size, window, {
    stride: stride[0],
    padding: [padding[0], padding[1]],
    dilation: dilation[0],
    ceil,
  });
  expect(found >= 1, 'SHAPE', () => ({
    where: 'outputSize',
    what: 'the window',
    expected: `no larger than the padded size ${size + padding[0] + padding[1]}`,
    actual: `${dilation[0] * (window - 1) + 1}`,
  }));
  return found;
}

/**
 * (size - 1) stride - 2 padding + dilation (window - 1) + outputPadding + 1: what a transposed convolution makes of one axis.
 *
 * @throws ConvoltError `VALUE` for sizes that are no whole numbers, or when nothing is left
 * @example math.transposedOutputSize(112, 4, { stride: 2, padding: 1 }) // 224
 */
export function transposedOutputSize(size: number, window: number, options: TransposedOptions = {}): number {
  expectOptions('transposedOutputSize', options, ['stride', 'padding', 'dilation', 'outputPadding']);
  const { stride = 1, padding = 0, dilation = 1, outputPadding = 0 } = options;
  for (const [what, value, least] of [
    ['the size', size, 1],
    ['the window', window, 1],
    ['the stride', stride, 1],
    ['the padding', padding, 0],
    ['the dilation', dilation, 1],
    ['the output padding', outputPadding, 0],
  ] as const) {
    expectWhole('transposedOutputSize', what, value, least);
  }
  const found = (size - 1) * stride - 2 * padding + dilation * (window - 1) + outputPadding + 1;
  expectWhole('transposedOutputSize', 'the output', found, 1);
  return found;
}

/** The window of a pool: its options, and the shape that it gives its result. */
import { expectRank } from '../graph/define-op';
import { expect } from '../graph/errors';
import { type Shape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { type Border, outputSizes, type Padding, type Pair, resolvePair, resolveSliding } from './window';

/** The window and how it slides. */
export interface PoolOptions {
  window: number | Pair;
  /** Default: the window, so that nothing overlaps. */
  stride?: number | Pair;
  /** Less than the window on every side; default `'valid'`. A maximum never comes from padding. */
  padding?: Padding;
  /** Also pools a last window that sticks out of the image; default false. */
  ceil?: boolean;
}

/** Explicit options of the ops. */
export type PoolAttributes = {
  readonly window: Pair;
  readonly stride: Pair;
  readonly padding: Border;
  readonly ceil?: boolean;
};

export const encodePool = ({ window, stride, padding }: PoolAttributes): number[] => [...window, ...stride, ...padding];

/** The shape of pooled images [N, H, W, C]. */
export function pooledShape(where: string, image: Shape, attributes: PoolAttributes): Shape {
  const [n, , , channels] = image as [number, number, number, number];
  const { window, padding, ceil } = attributes;
  expect(
    padding.every((side, i) => side < (window[i >> 1] as number)),
    'VALUE',
    () => ({
      where,
      what: 'the padding',
      expected: 'less than the window, so that every window meets the image',
      actual: showShape(padding),
      details: { window: showShape(window) },
    }),
  );
  return [n, ...outputSizes(where, image, window, { ...attributes, dilation: [1, 1] }, ceil), channels];
}

/** The explicit window of pooled images [N, H, W, C]. */
export function resolvePool(where: string, x: Value, options: PoolOptions): PoolAttributes & { ceil: boolean } {
  expectRank(where, 'the input', x, 4, '[N, H, W, C]');
  const window = resolvePair(where, 'the window', options.window, 1);
  const { stride, padding } = resolveSliding(where, x.shape, window, {
    stride: options.stride ?? window,
    padding: options.padding ?? 'valid',
  });
  return { window, stride, padding, ceil: options.ceil ?? false };
}

export const poolOptionNames = ['window', 'stride', 'padding', 'ceil'];

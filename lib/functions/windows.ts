/** Windows over images as an axis of their own, for pooling by any fold. */
import type { Value } from '../graph/value';
import { im2col } from '../ops/im2col';
import type { PoolOptions } from '../ops/pool';
import { reshape } from '../ops/shape';
import { resolvePair } from '../ops/window';

/** Where windows stand: `stride` is the window by default, `padding` 'valid'. */
export type WindowOptions = Omit<PoolOptions, 'ceil'>;

/** The names of all options. */
export const windowOptions = ['window', 'stride', 'padding'] as const;

/** Pixels of a window. */
export function tapsOf(where: string, { window }: WindowOptions): number {
  const [height, width] = resolvePair(where, 'the window', window, 1);
  return height * width;
}

/** The pixels under every position of a window, zeros in the padding: [N, H, W, C] to [N, OH, OW, taps, C]. */
export function windowsOf(where: string, x: Value, { window, stride = window, padding }: WindowOptions): Value {
  const columns = im2col(x, { window, stride, padding });
  return reshape(columns, [...columns.shape.slice(0, 3), tapsOf(where, { window }), x.shape[3] as number]);
}

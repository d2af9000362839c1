/** Images made larger or smaller, as a layer. */
import { type ResizeOptions, resize as resizeOf, resolveResize } from '../functions/resize';
import { expectRank } from '../graph/define-op';
import { expectWhole } from '../graph/whole';
import { type Pair, resolvePair } from '../ops/window';
import { type Layer, layer } from './layer';

/**
 * Images of another size: [N, H, W, C] to [N, ...size, C].
 *
 * @param size pixels of a side, or [height, width]
 * @param options.method 'bilinear' (default) or 'nearest'
 * @example resize([32, 32])
 */
export function resize(size: number | Pair, options: ResizeOptions = {}): Layer {
  resolvePair('resize', 'the size', size, 1);
  const resolved = resolveResize(options);
  return layer('resize', (x) => resizeOf(x, size, resolved));
}

/**
 * Images that many times as high and wide: [N, H, W, C] to [N, factor * H, factor * W, C].
 *
 * @param factor a whole number; default 2
 * @param options.method 'bilinear' (default) or 'nearest', which repeats every pixel
 * @example sequential(upsample(2, { method: 'nearest' }), conv2d(16, 3, { padding: 'same' }))
 */
export function upsample(factor = 2, options: ResizeOptions = {}): Layer {
  expectWhole('upsample', 'the factor', factor, 1);
  const resolved = resolveResize(options);
  return layer('upsample', (x) => {
    expectRank('upsample', 'the input', x, 4, '[N, H, W, C]');
    return resizeOf(x, [(x.shape[1] as number) * factor, (x.shape[2] as number) * factor], resolved);
  });
}

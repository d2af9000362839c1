/** Images made larger or smaller, by the nearest pixel or by linear interpolation. */
import { expectDType, expectRank } from '../graph/define-op';
import { expectOptions } from '../graph/errors';
import { type Tensor, tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { add, mul, sub } from '../ops/elementwise';
import { gather } from '../ops/gather';
import { expectSizes } from '../ops/shape';
import { constant } from '../ops/source';
import { type Pair, resolvePair } from '../ops/window';
import { expectChoice } from './option-values';

export interface ResizeOptions {
  /** 'nearest' copies pixels, 'bilinear' mixes the four that surround a point. Default 'bilinear'. */
  readonly method?: 'nearest' | 'bilinear';
}

/** Checks the options and fills in the defaults. */
export function resolveResize(options: ResizeOptions): Required<ResizeOptions> {
  expectOptions('resize', options, ['method']);
  const { method = 'bilinear' } = options;
  expectChoice('resize', 'method', method, ['nearest', 'bilinear']);
  return { method };
}

/** The place of pixel `i` of `to` among `from` pixels: centres stand at halves. */
const placeOf = (i: number, from: number, to: number): number => ((i + 0.5) * from) / to - 0.5;

const each = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const indices = (numbers: readonly number[]): Value => constant(Int32Array.from(numbers));

/** One axis by the nearest pixel. */
function copied(x: Value, axis: number, to: number): Value {
  const from = x.shape[axis] as number;
  const nearest = (i: number) => Math.min(Math.floor(placeOf(i, from, to) + 0.5), from - 1);
  return gather(x, indices(each(to, nearest)), { axis });
}

/** One axis by the two pixels around each place: (1 - t) * before + t * behind. */
function mixed(x: Value, axis: number, to: number): Value {
  const from = x.shape[axis] as number;
  const places = each(to, (i) => Math.max(placeOf(i, from, to), 0));
  const before = places.map(Math.floor);
  const behind = before.map((i) => Math.min(i + 1, from - 1));
  const shares: Tensor = tensor(
    Float32Array.from(places, (place, i) => place - (before[i] as number)),
    x.shape.map((_, other) => (other === axis ? to : 1)),
  );
  const [first, second] = [gather(x, indices(before), { axis }), gather(x, indices(behind), { axis })];
  return add(first, mul(sub(second, first), constant(shares)));
}

/**
 * Images of another size. Pixel i of the result stands at (i + 1/2) * size / newSize - 1/2 of the image, so that centres
 * of pixels lie at halves and corners do not meet; beyond the outer centres the edge goes on.
 *
 * @param x float32 images [N, H, W, C]
 * @param size pixels of a side of the result, or [height, width]
 * @returns [N, ...size, C]
 * @throws ConvoltError `VALUE` unless the sizes are whole numbers above 0, `OPTION` for an unknown method
 * @example resize(x, [2 * height, 2 * width], { method: 'nearest' })
 */
export function resize(x: Value, size: number | Pair, options: ResizeOptions = {}): Value {
  const { method } = resolveResize(options);
  const sizes = resolvePair('resize', 'the size', size, 1);
  expectDType('resize', 'the input', x, 'float32');
  expectRank('resize', 'the input', x, 4, '[N, H, W, C]');
  expectSizes('resize', x.shape.slice(1, 3), 1);
  const along = method === 'nearest' ? copied : mixed;
  return sizes.reduce((image, to, i) => (image.shape[i + 1] === to ? image : along(image, i + 1, to)), x);
}

/** Filters made by hand that answer to edges, lines and textures of an angle. */
import { expect, expectOptions } from '../graph/errors';
import { showType, type Tensor, tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { conv2d } from '../ops/conv2d';
import { broadcastTo } from '../ops/elementwise';
import { reshape } from '../ops/shape';
import { constant } from '../ops/source';
import type { Padding } from '../ops/window';
import { expectNumber } from './option-values';

const square = (side: number, number: (row: number, column: number) => number): Tensor => {
  const middle = (side - 1) / 2;
  const numbers = Array.from({ length: side * side }, (_, i) =>
    number(Math.floor(i / side) - middle, (i % side) - middle),
  );
  return tensor(numbers, [side, side]);
};

/** A filter for edges: differences along one axis, a weighted mean along the other, turned by an angle. */
const edge =
  (name: string, middle: number) =>
  (angle = 0): Tensor => {
    expectNumber(name, 'the angle', angle);
    const across = (row: number, column: number) => column * (row === 0 ? middle : 1);
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)].map((x) => (Math.abs(x) < 1e-12 ? 0 : x)) as [
      number,
      number,
    ];
    return square(3, (row, column) => cosine * across(row, column) + sine * across(column, row));
  };

/**
 * The Sobel filter [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], which answers to vertical edges; turned by an angle it answers
 * to edges of that angle: cos(angle) * G_x + sin(angle) * G_y (Sobel and Feldman 1968).
 *
 * @param angle radians from the x axis to the direction in which brightness grows; default 0, pi / 2 for horizontal edges
 * @returns [3, 3]
 * @example filterImages(x, sobel(Math.PI / 2))
 */
export const sobel = edge('sobel', 2);

/**
 * The Prewitt filter [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], turned by an angle in radians (Prewitt 1970): [3, 3].
 *
 * @example filterImages(x, prewitt(Math.PI / 4))
 */
export const prewitt = edge('prewitt', 1);

/**
 * The Laplacian [[0, 1, 0], [1, -4, 1], [0, 1, 0]], the sum of second differences: it answers to spots and to edges of
 * every angle, and to no constant.
 *
 * @param options.diagonals count the four diagonal neighbours too, with -8 in the middle; default false
 * @returns [3, 3]
 * @example filterImages(x, laplacian(), { padding: 'same' })
 */
export function laplacian(options: { diagonals?: boolean } = {}): Tensor {
  expectOptions('laplacian', options, ['diagonals']);
  const { diagonals = false } = options;
  return square(3, (row, column) => {
    if (row === 0 && column === 0) return diagonals ? -8 : -4;
    return diagonals || row * column === 0 ? 1 : 0;
  });
}

export interface GaborOptions {
  /** theta: the angle of the wave's direction, in radians. Default 0: vertical stripes. */
  readonly orientation?: number;
  /** lambda: pixels from crest to crest, above 0. Default 4. */
  readonly wavelength?: number;
  /** sigma: the standard deviation of the envelope in pixels, above 0. Default half the wavelength. */
  readonly deviation?: number;
  /** gamma: how much shorter the envelope is along the stripes, above 0. Default 0.5. */
  readonly aspect?: number;
  /** psi: 0 (default) answers to lines, pi / 2 to edges. */
  readonly phase?: number;
  /** Pixels of a side. Default 2 * ceil(3 * sigma) + 1. */
  readonly size?: number;
}

/**
 * The Gabor filter, a wave under a bell (Daugman 1985):
 *
 *     g(x, y) = e^(-(x'^2 + gamma^2 y'^2) / (2 sigma^2)) * cos(2 pi x' / lambda + psi)
 *     x' = x cos theta + y sin theta,  y' = -x sin theta + y cos theta
 *
 * It answers to stripes of one angle and width, as the first layers of trained networks do.
 *
 * @returns [size, size]
 * @example const bank = [0, 1, 2, 3].map((i) => gabor({ orientation: (i * Math.PI) / 4 }));
 */
export function gabor(options: GaborOptions = {}): Tensor {
  expectOptions('gabor', options, ['orientation', 'wavelength', 'deviation', 'aspect', 'phase', 'size']);
  const { orientation = 0, wavelength = 4, deviation = wavelength / 2, aspect = 0.5, phase = 0 } = options;
  const { size = 2 * Math.ceil(3 * deviation) + 1 } = options;
  for (const [what, value] of Object.entries({ wavelength, deviation, aspect, size })) {
    expectNumber('gabor', what, value, { above: 0 });
  }
  for (const [what, value] of Object.entries({ orientation, phase })) expectNumber('gabor', what, value);
  const [cosine, sine] = [Math.cos(orientation), Math.sin(orientation)];
  return square(size, (y, x) => {
    const [across, along] = [x * cosine + y * sine, -x * sine + y * cosine];
    const envelope = Math.exp(-(across ** 2 + (aspect * along) ** 2) / (2 * deviation ** 2));
    return envelope * Math.cos((2 * Math.PI * across) / wavelength + phase);
  });
}

/**
 * Every channel of images under one fixed filter.
 *
 * @param x [N, H, W, C]
 * @param filter [kh, kw], e.g. `sobel()`
 * @param options.padding as for `conv2d`; default 'valid'
 * @returns [N, OH, OW, C]
 * @throws ConvoltError `SHAPE` when the filter is not a matrix or larger than the padded image
 * @example filterImages(x, laplacian(), { padding: 'same' })
 */
export function filterImages(x: Value, filter: Tensor, options: { padding?: Padding } = {}): Value {
  expectOptions('filterImages', options, ['padding']);
  expect(filter.shape.length === 2, 'SHAPE', () => ({
    where: 'filterImages',
    what: 'the filter',
    expected: '[kh, kw]',
    actual: showType(filter),
  }));
  const channels = x.shape.at(-1) as number;
  const weight = broadcastTo(reshape(constant(filter), [...filter.shape, 1, 1]), [...filter.shape, 1, channels]);
  return conv2d(x, weight, { padding: options.padding, groups: channels });
}

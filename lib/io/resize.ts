/** Pictures of another size: separable linear interpolation, over a wider window where the picture shrinks. */
import { expect } from '../graph/errors';
import { showShape, type Tensor } from '../graph/tensor';
import { expectWhole } from '../graph/whole';

/** The source pixels of one target pixel, and their weights, which sum to 1. */
interface Window {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * Windows of `to` target pixels over `from` source pixels, with centers at half pixels:
 *   center(i) = (i + 1/2) * s,  weight(j) ~ max(0, 1 - |j + 1/2 - center| / max(1, s)),  s = from / to
 */
function windows(from: number, to: number): Window[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(center - reach + 0.5));
    const end = Math.min(from, Math.floor(center + reach + 0.5));
    const raw = Array.from({ length: end - first }, (_, j) =>
      Math.max(0, 1 - Math.abs(first + j + 0.5 - center) / reach),
    );
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: raw.map((weight) => weight / total) };
  });
}

/** Resizes the middle axis of [outer, from, inner] to `to`. */
function resizeAxis(data: ArrayLike<number>, outer: number, from: number, inner: number, to: number): Float64Array {
  const result = new Float64Array(outer * to * inner);
  windows(from, to).forEach(({ first, weights }, i) => {
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < inner; k++) {
        let sum = 0;
        weights.forEach((weight, j) => {
          sum += weight * (data[(o * from + first + j) * inner + k] as number);
        });
        result[(o * to + i) * inner + k] = sum;
      }
    }
  });
  return result;
}

/**
 * Resizes a picture. Growing is bilinear interpolation; shrinking averages over triangles that grow with the factor,
 * so that thin strokes do not get lost between the samples.
 *
 * @param image uint8 [H, W, C]
 * @returns uint8 [height, width, C]
 * @throws ConvoltError `SHAPE` for another tensor, `VALUE` for sizes below 1
 */
export function resize(image: Tensor, height: number, width: number): Tensor {
  const [fromHeight = 0, fromWidth = 0, channels = 0] = image.shape;
  expect(image.shape.length === 3 && fromHeight > 0 && fromWidth > 0, 'SHAPE', () => ({
    where: 'resize',
    what: 'the image',
    expected: '[H, W, C] with a pixel at least',
    actual: showShape(image.shape),
  }));
  expectWhole('resize', 'the height', height, 1);
  expectWhole('resize', 'the width', width, 1);
  if (fromHeight === height && fromWidth === width) return image;
  const wide = resizeAxis(image.data, fromHeight, fromWidth, channels, width);
  const resized = resizeAxis(wide, 1, fromHeight, width * channels, height);
  return { dtype: 'uint8', shape: [height, width, channels], data: Uint8Array.from(resized, Math.round) };
}

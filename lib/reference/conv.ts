/**
 * Convolution in float64. One enumeration of the triples (input, weight, output) that meet in
 * y[n, i, j, k] = sum over u, v, c of x[n, i*s + u*d - p, j*s + v*d - p, c] * w[u, v, c, k]
 * serves the product and both of its adjoints.
 */
import { type Shape, sizeOf } from '../graph/tensor';
import { attributesOf, type Family, outputShape } from './tensor64';

export interface ConvAttributes {
  readonly stride: readonly [number, number];
  /** Top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** Where one window position (u, v) of one output pixel falls: numbers of pixels, counted over all images. */
interface Tap {
  /** Pixel of x. */
  readonly from: number;
  /** Pixel of y. */
  readonly to: number;
  /** Position in the window. */
  readonly position: number;
}

/** Every tap that falls inside of the image. */
export function* taps(attributes: Omit<ConvAttributes, 'groups'>, window: Shape, x: Shape, y: Shape): Generator<Tap> {
  const { stride, padding, dilation } = attributes;
  const [kh, kw] = window as [number, number];
  const [images, height, width] = x as [number, number, number];
  const [, outHeight, outWidth] = y as [number, number, number];
  for (let n = 0; n < images; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let u = 0; u < kh; u++)
          for (let v = 0; v < kw; v++) {
            const row = i * stride[0] + u * dilation[0] - padding[0];
            const column = j * stride[1] + v * dilation[1] - padding[2];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const from = (n * height + row) * width + column;
            yield { from, to: (n * outHeight + i) * outWidth + j, position: u * kw + v };
          }
}

/** Calls `visit` with the offsets of every input, weight and output that meet in one product. */
export function products(
  attributes: ConvAttributes,
  shapes: { x: Shape; w: Shape; y: Shape },
  visit: (x: number, w: number, y: number) => void,
): void {
  const channels = shapes.x[3] as number;
  const [, , inGroup, filters] = shapes.w as [number, number, number, number];
  for (const { from, to, position } of taps(attributes, shapes.w, shapes.x, shapes.y))
    for (let c = 0; c < inGroup; c++)
      for (let k = 0; k < filters; k++) {
        const group = Math.floor(k / (filters / attributes.groups));
        visit(from * channels + group * inGroup + c, (position * inGroup + c) * filters + k, to * filters + k);
      }
}

/** Calls `visit` with the offsets of every input element and the column element that holds it. */
function patches(
  attributes: Omit<ConvAttributes, 'groups'> & { window: readonly [number, number] },
  shapes: { x: Shape; columns: Shape },
  visit: (x: number, column: number) => void,
): void {
  const channels = shapes.x[3] as number;
  const width = shapes.columns[3] as number;
  for (const { from, to, position } of taps(attributes, attributes.window, shapes.x, shapes.columns))
    for (let c = 0; c < channels; c++) visit(from * channels + c, to * width + position * channels + c);
}

export const conv: Family = {
  conv2d: (node, x, w) => {
    const y = new Float64Array(sizeOf(outputShape(node)));
    products(attributesOf<ConvAttributes>(node), { x: x.shape, w: w.shape, y: outputShape(node) }, (xi, wi, yi) => {
      y[yi] = (y[yi] as number) + (x.data[xi] as number) * (w.data[wi] as number);
    });
    return [y];
  },
  conv2dGradInput: (node, gy, w) => {
    const gx = new Float64Array(sizeOf(outputShape(node)));
    products(attributesOf<ConvAttributes>(node), { x: outputShape(node), w: w.shape, y: gy.shape }, (xi, wi, yi) => {
      gx[xi] = (gx[xi] as number) + (gy.data[yi] as number) * (w.data[wi] as number);
    });
    return [gx];
  },
  conv2dGradWeights: (node, x, gy) => {
    const gw = new Float64Array(sizeOf(outputShape(node)));
    products(attributesOf<ConvAttributes>(node), { x: x.shape, w: outputShape(node), y: gy.shape }, (xi, wi, yi) => {
      gw[wi] = (gw[wi] as number) + (x.data[xi] as number) * (gy.data[yi] as number);
    });
    return [gw];
  },
  im2col: (node, x) => {
    const columns = new Float64Array(sizeOf(outputShape(node)));
    patches(attributesOf(node), { x: x.shape, columns: outputShape(node) }, (from, to) => {
      columns[to] = x.data[from] as number;
    });
    return [columns];
  },
  col2im: (node, columns) => {
    const x = new Float64Array(sizeOf(outputShape(node)));
    patches(attributesOf(node), { x: outputShape(node), columns: columns.shape }, (to, from) => {
      x[to] = (x[to] as number) + (columns.data[from] as number);
    });
    return [x];
  },
};

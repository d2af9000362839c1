/**
 * Convolution in float64. One enumeration of the triples (input, weight, output) that meet in
 * y[n, i, j, k] = sum over u, v, c of x[n, i*s + u*d - p, j*s + v*d - p, c] * w[u, v, c, k]
 * serves the product and both of its adjoints.
 */
import { type Shape, sizeOf } from '../../lib/graph/tensor';
import { attributesOf, type Family, offsetOf, outputShape } from './tensor64';

export interface ConvAttributes {
  readonly stride: readonly [number, number];
  /** Top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** Calls `visit` with the offsets of every input, weight and output that meet in one product. */
function products(
  attributes: ConvAttributes,
  shapes: { x: Shape; w: Shape; y: Shape },
  visit: (x: number, w: number, y: number) => void,
): void {
  const { stride, padding, dilation, groups } = attributes;
  const [n, height, width] = shapes.x as [number, number, number];
  const [kh, kw, inGroup, filters] = shapes.w as [number, number, number, number];
  const [, outHeight, outWidth] = shapes.y as [number, number, number];
  const filtersInGroup = filters / groups;
  for (let image = 0; image < n; image++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let u = 0; u < kh; u++)
          for (let v = 0; v < kw; v++) {
            const row = i * stride[0] + u * dilation[0] - padding[0];
            const column = j * stride[1] + v * dilation[1] - padding[2];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            for (let k = 0; k < filters; k++)
              for (let c = 0; c < inGroup; c++) {
                const channel = Math.floor(k / filtersInGroup) * inGroup + c;
                visit(
                  offsetOf([image, row, column, channel], shapes.x),
                  offsetOf([u, v, c, k], shapes.w),
                  offsetOf([image, i, j, k], shapes.y),
                );
              }
          }
}

/** Calls `visit` with the offsets of every input element and the column element that holds it. */
function patches(
  attributes: Omit<ConvAttributes, 'groups'> & { window: readonly [number, number] },
  shapes: { x: Shape; columns: Shape },
  visit: (x: number, column: number) => void,
): void {
  const channels = shapes.x[3] as number;
  const [kh, kw] = attributes.window;
  const width = kh * kw * channels;
  // Every column element is the output channel of a one-hot filter.
  const shape = { x: shapes.x, w: [kh, kw, channels, width], y: shapes.columns };
  products({ ...attributes, groups: 1 }, shape, (x, w, y) => {
    if (Math.floor(w / width) === y % width) visit(x, y);
  });
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

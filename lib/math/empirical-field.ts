/** The receptive field as gradients show it. */
import { gradients } from '../compiler/differentiate';
import { complaint, expect } from '../graph/errors';
import { type Shape, showShape, sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { sum } from '../ops/reduce';
import { slice } from '../ops/slice';
import { constant } from '../ops/source';
import { evaluate } from '../reference';

/** Rows and columns [from, to) of an image. */
export interface FieldBox {
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/**
 * The box of pixels of an image [H, W, C] that reach one unit: those to which the gradient of the unit (all its channels)
 * is not 0. `receptiveField` gives the same by formula; what the image's border cuts off is missing here.
 *
 * @param model from images [1, H, W, C] to maps [1, H', W', C'], made of ops with constant weights. Weights of one sign let
 *   no contributions cancel. Computed in float64, slowly: use small images
 * @param image [H, W, C]
 * @param options.at the unit's row and column; default the middle
 * @throws ConvoltError `SHAPE` when the model gives no map; `VALUE` when no pixel reaches the unit
 * @example math.empiricalReceptiveField((x) => ops.conv2d(x, ones), [9, 9, 1]).rows // [3, 6]
 */
export function empiricalReceptiveField(
  model: (x: Value) => Value,
  image: Shape,
  options: { at?: readonly [number, number] } = {},
): FieldBox {
  const [height = 0, width = 0, channels = 0] = image;
  const x = constant({ dtype: 'float32', shape: [1, ...image], data: new Float32Array(sizeOf(image)).fill(1) });
  const map = model(x);
  expect(map.shape.length === 4, 'SHAPE', () => ({
    where: 'empiricalReceptiveField',
    what: 'the output',
    expected: '[1, H, W, C]',
    actual: showShape(map.shape),
  }));
  const [, rows, columns, filters] = map.shape as [number, number, number, number];
  const [row, column] = options.at ?? [Math.floor((rows - 1) / 2), Math.floor((columns - 1) / 2)];
  const unit = sum(slice(map, { begin: [0, row, column, 0], size: [1, 1, 1, filters] }));
  const [slopes] = evaluate(gradients(unit, [x]));
  const reached = (pixel: number): boolean => {
    const from = pixel * channels;
    return slopes?.data.subarray(from, from + channels).some((slope) => slope !== 0) ?? false;
  };
  const pixels = Array.from({ length: height * width }, (_, i) => i).filter(reached);
  if (!pixels.length) {
    throw complaint('VALUE', {
      where: 'empiricalReceptiveField',
      what: 'the unit',
      expected: 'reached by a pixel',
      actual: `none that reaches ${showShape([row, column])}`,
    });
  }
  const range = (places: readonly number[]): [number, number] => [
    places.reduce((least, place) => Math.min(least, place), Number.POSITIVE_INFINITY),
    places.reduce((most, place) => Math.max(most, place), 0) + 1,
  ];
  return { rows: range(pixels.map((i) => Math.floor(i / width))), columns: range(pixels.map((i) => i % width)) };
}

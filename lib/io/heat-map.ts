/** A matrix as a picture: every number a square that is the darker the larger it is, with labels on both sides. */
import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { showType, type Tensor } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { glyphSize, textPixels } from './pixel-font';

export interface HeatMapOptions {
  /** Names of the rows, on the left; letters and digits are drawn. Default none. */
  readonly rows?: readonly string[];
  /** Names of the columns, on top. Default none. */
  readonly columns?: readonly string[];
  /** Pixels of a square's side. Default 28. */
  readonly cell?: number;
  /** The number that is darkest; 0 and below are white. Default 1. */
  readonly most?: number;
}

type Color = readonly [number, number, number];

const ink: Color = [16, 52, 120];
const paper: Color = [255, 255, 255];
const grid: Color = [225, 228, 232];
const text: Color = [36, 41, 47];

/** Pixels of a glyph's pixel, and around labels. */
const [magnified, margin] = [2, 6];

const labelWidth = (labels: readonly string[]): number =>
  labels.reduce((most, label) => Math.max(most, label.length * glyphSize.width * magnified), 0);

/**
 * Draws a matrix, e.g. the attention of a decoder: `heatMap(weights, { rows: written, columns: read })`.
 *
 * @param matrix float32 [rows, columns]
 * @returns uint8 [H, W, 3], for `encodePng`
 * @throws ConvoltError `SHAPE` when it is no matrix or the names are not as many, `VALUE` for options out of range
 */
export function heatMap({ dtype, shape, data }: Tensor, options: HeatMapOptions = {}): Tensor {
  expectOptions('heatMap', options, ['rows', 'columns', 'cell', 'most']);
  const [height = 0, width = 0] = shape;
  const { rows = [], columns = [], cell = 28, most = 1 } = options;
  expect(dtype === 'float32' && shape.length === 2 && height > 0 && width > 0, 'SHAPE', () => ({
    where: 'heatMap',
    what: 'the matrix',
    expected: 'float32[rows, columns] with a number at least',
    actual: showType({ dtype, shape }),
  }));
  for (const [what, names, count] of [
    ['rows', rows, height],
    ['columns', columns, width],
  ] as const) {
    expect(names.length === 0 || names.length === count, 'SHAPE', () => ({
      where: 'heatMap',
      what: `the number of names of ${what}`,
      expected: `${count}`,
      actual: `${names.length}`,
    }));
  }
  expectWhole('heatMap', 'the cell', cell, 1);
  expectNumber('heatMap', 'most', most, { above: 0 });

  const left = rows.length ? labelWidth(rows) + 2 * margin : margin;
  const top = columns.length ? glyphSize.height * magnified + 2 * margin : margin;
  const size = [top + height * cell + margin, left + width * cell + margin] as const;
  const pixels = new Uint8Array(size[0] * size[1] * 3).fill(paper[0]);
  const fill = (x: number, y: number, side: number, color: Color): void => {
    for (let i = y; i < y + side; i++) {
      for (let j = x; j < x + side; j++) if (j >= 0 && j < size[1]) pixels.set(color, 3 * (i * size[1] + j));
    }
  };
  const write = (label: string, x: number, y: number): void => {
    for (const [dx, dy] of textPixels(label)) fill(x + dx * magnified, y + dy * magnified, magnified, text);
  };

  data.forEach((value, i) => {
    const share = Math.min(Math.max(value / most, 0), 1);
    const color = paper.map((white, c) => Math.round(white + share * ((ink[c] as number) - white)));
    const [x, y] = [left + (i % width) * cell, top + Math.floor(i / width) * cell];
    fill(x, y, cell, grid);
    fill(x, y, Math.max(1, cell - 1), color as unknown as Color);
  });
  const half = (cell - glyphSize.height * magnified) >> 1;
  rows.forEach((label, i) => {
    write(label, margin, top + i * cell + half);
  });
  columns.forEach((label, j) => {
    write(label, left + j * cell + ((cell - label.length * glyphSize.width * magnified) >> 1), margin);
  });
  return { dtype: 'uint8', shape: [...size, 3], data: pixels };
}

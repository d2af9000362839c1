/** Matrices as pictures. */
import { tensor } from '../../lib/graph/tensor';
import { decodePng, encodePng, type HeatMapOptions, heatMap } from '../../lib/io';
import { refusal } from './refusal';

const matrix = tensor([
  [0, 0.5, 1],
  [2, -1, 0.25],
]);

test('every number is a square, the darker the larger', () => {
  const picture = heatMap(matrix, { cell: 10 });
  expect(picture).toMatchObject({ dtype: 'uint8', shape: [32, 42, 3] });
  const colorAt = (row: number, column: number) => {
    const at = 3 * ((6 + 10 * row + 5) * 42 + 6 + 10 * column + 5);
    return [...picture.data.slice(at, at + 3)];
  };
  expect([0, 1, 2].map((column) => colorAt(0, column))).toEqual([
    [255, 255, 255],
    [136, 154, 188],
    [16, 52, 120],
  ]);
  expect([0, 1, 2].map((column) => colorAt(1, column))).toEqual([
    [16, 52, 120],
    [255, 255, 255],
    [195, 204, 221],
  ]);
  expect(decodePng(encodePng(picture))).toEqual(picture);
});

test('labels stand on the left and on top', () => {
  const plain = heatMap(matrix, { cell: 20 });
  const picture = heatMap(matrix, { cell: 20, rows: ['I', 'END'], columns: ['A', 'B', '?'] });
  const [height, width] = picture.shape as [number, number, number];
  expect([height, width]).toEqual([(plain.shape[0] as number) + 20, (plain.shape[1] as number) + 42]);
  const isInk = (y: number, x: number) => picture.data[3 * (y * width + x)] === 36;
  const letter = Array.from({ length: 7 }, (_, y) =>
    Array.from({ length: 5 }, (__, x) => (isInk(6 + 2 * y, 48 + 4 + 2 * x) ? '#' : '.')).join(''),
  );
  expect(letter).toEqual(['.###.', '#...#', '#...#', '#####', '#...#', '#...#', '#...#']);
  const inks = Array.from({ length: height * width }, (_, i) => isInk(Math.floor(i / width), i % width));
  const below = inks.filter((ink, i) => ink && Math.floor(i / width) >= 26 && i % width < 48).length;
  expect(below).toBe(4 * (11 + 18 + 18 + 18));
});

const wrong: [string, unknown, HeatMapOptions, ReturnType<typeof refusal>][] = [
  ['a vector', tensor([1, 2]), {}, refusal('SHAPE', 'heatMap: expected the matrix', 'float32[2]')],
  ['whole numbers', tensor(Int32Array.of(1), [1, 1]), {}, refusal('SHAPE', 'the matrix', 'int32[1, 1]')],
  ['nothing', tensor([], [0, 2]), {}, refusal('SHAPE', 'the matrix')],
  ['names of rows', matrix, { rows: ['A'] }, refusal('SHAPE', 'names of rows to be 2 but got 1')],
  ['names of columns', matrix, { columns: ['A', 'B'] }, refusal('SHAPE', 'names of columns to be 3 but got 2')],
  ['a cell', matrix, { cell: 0 }, refusal('VALUE', 'the cell')],
  ['a limit', matrix, { most: 0 }, refusal('VALUE', 'most')],
  ['an option', matrix, { colors: 2 } as never, refusal('OPTION', "'colors'")],
];

test.each(wrong)('refuses %s', (_, given, options, complaint) => {
  expect(() => heatMap(given as never, options)).toThrow(complaint);
});

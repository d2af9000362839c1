/** Epoch orders, batches and splits. */

import { batches, classCounts, type Dataset, dataset, epochOrder, randomSplit } from '../../lib/data';
import { tensor } from '../../lib/graph/tensor';
import { refusal } from '../io/refusal';

const range = (size: number) => Array.from({ length: size }, (_, i) => i);
const sorted = (rows: Iterable<number>) => [...rows].sort((a, b) => a - b);

/** Examples whose input is their row number; classes of 60, 30 and 13 examples. */
const uneven: Dataset = dataset(
  tensor(range(103), [103, 1]),
  tensor(
    range(103).map((i) => (i < 60 ? 0 : i < 90 ? 1 : 2)),
    [103],
    'int32',
  ),
  { classes: 3, name: 'uneven' },
);
const rowsOf = ({ input }: Dataset): number[] => [...input.data];

describe('T-02: an epoch samples without replacement', () => {
  test('every index exactly once', () => {
    for (const size of [1, 2, 7, 1000]) expect(sorted(epochOrder(size, 5, 3))).toEqual(range(size));
  });

  test('equal seeds and epochs repeat, others differ', () => {
    expect(epochOrder(100, 1, 2)).toEqual(epochOrder(100, 1, 2));
    expect(epochOrder(100, 1, 2)).not.toEqual(epochOrder(100, 1, 3));
    expect(epochOrder(100, 1, 2)).not.toEqual(epochOrder(100, 2, 2));
    expect(epochOrder(100, 1, 2)).not.toEqual(epochOrder(100, 1 + 2 ** 32, 2));
  });

  test('the same batch number holds other data in another epoch', () => {
    const [first, second] = [1, 2].map((epoch) => batches(epochOrder(1000, 0, epoch), 32));
    for (const [i, batch] of first?.entries() ?? []) expect(sorted(batch)).not.toEqual(sorted(second?.[i] ?? []));
  });
});

describe('batches', () => {
  const order = Int32Array.from(range(10));

  test('keep or drop the last one', () => {
    expect(batches(order, 4).map((rows) => [...rows])).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(batches(order, 4, { dropLast: true }).map((rows) => rows.length)).toEqual([4, 4]);
    expect(batches(order, 5).length).toBe(2);
    expect(batches(order, 10).length).toBe(1);
  });

  test('refuse sizes that do not fit', () => {
    expect(() => batches(order, 0)).toThrow(refusal('VALUE', 'the batch size', '0'));
    expect(() => batches(order, 2.5)).toThrow(refusal('VALUE', 'the batch size', '2.5'));
    expect(() => batches(order, 11)).toThrow(refusal('DATA', 'the batch size', 'at most 10', '11'));
    expect(() => batches(order, 2, { drop: true } as object)).toThrow(refusal('OPTION', "'drop'"));
  });
});

describe('T-04: a random split', () => {
  test.each([
    [undefined, 21],
    [0.1, 10],
    [0.5, 52],
    [0.99, 102],
  ])('share %p: disjoint, complete, exact', (share, size) => {
    for (const stratified of [false, true]) {
      const { first, second } = randomSplit(uneven, { share, stratified, seed: 4 });
      expect([first.size, second.size]).toEqual([103 - size, size]);
      expect(sorted([...rowsOf(first), ...rowsOf(second)])).toEqual(range(103));
      expect(rowsOf(second)).toEqual(sorted(rowsOf(second)));
    }
  });

  test('stratified: every class by the same share, within one example', () => {
    for (const share of [0.1, 0.2, 1 / 3, 0.77]) {
      const counts = classCounts(randomSplit(uneven, { share, stratified: true }).second);
      [60, 30, 13].forEach((count, label) => {
        expect(Math.abs((counts[label] as number) - share * count)).toBeLessThan(1);
      });
    }
  });

  test('targets stay beside their inputs', () => {
    const { second } = randomSplit(uneven, { stratified: true });
    expect([...second.target.data]).toEqual(rowsOf(second).map((i) => uneven.target.data[i]));
    expect(second).toMatchObject({ classes: 3, name: 'uneven' });
  });

  test('the seed fixes it', () => {
    const chosen = (seed?: number) => rowsOf(randomSplit(uneven, { seed }).second);
    expect(chosen(7)).toEqual(chosen(7));
    expect(chosen()).toEqual(chosen(0));
    expect(chosen(7)).not.toEqual(chosen(8));
  });

  test('refuses shares and data that do not fit', () => {
    for (const share of [0, 1, -0.1, Number.NaN]) {
      expect(() => randomSplit(uneven, { share })).toThrow(
        refusal('VALUE', 'randomSplit of uneven', 'share', `${share}`),
      );
    }
    expect(() => randomSplit(uneven, { share: 0.001 })).toThrow(refusal('DATA', 'each part', '103 and 0'));
    expect(() => randomSplit(uneven, { seed: -1 })).toThrow(refusal('VALUE', 'the seed', '-1'));
    expect(() => randomSplit(uneven, { fraction: 0.1 } as object)).toThrow(refusal('OPTION', "'fraction'"));
    const plain = dataset(tensor([1, 2, 3]), tensor([1, 2, 3]));
    expect(() => randomSplit(plain, { share: 0.4, stratified: true })).toThrow(refusal('DATA', 'with classes'));
  });
});

/** Pairs and triplets that the examples of a batch make among themselves. */
import { losses, ops, tensor } from '../../lib';
import { gradientCheck } from '../../lib/reference';
import { refusal } from '../io/refusal';
import { numbers } from './numbers';

const features = ops.constant({ dtype: 'float32', shape: [4, 2], data: Float32Array.of(1, 0, 0.8, 0.6, 0, 1, 0, 0.5) });
const labels = ops.constant({ dtype: 'int32', shape: [4], data: Int32Array.of(0, 0, 1, 1) });
const rows = [
  [1, 0],
  [0.8, 0.6],
  [0, 1],
  [0, 0.5],
] as const;
const classes = [0, 0, 1, 1];
const distance = (i: number, j: number) =>
  Math.hypot((rows[i]?.[0] ?? 0) - (rows[j]?.[0] ?? 0), (rows[i]?.[1] ?? 0) - (rows[j]?.[1] ?? 0));

test('C16 over all pairs of a batch', () => {
  const found = numbers(losses.pairsWithinBatch(losses.contrastive({ margin: 1.2 }))(features, labels));
  const expected = rows.map((_, i) => {
    const others = [0, 1, 2, 3].filter((j) => j !== i);
    const terms = others.map((j) =>
      classes[i] === classes[j] ? distance(i, j) ** 2 / 2 : Math.max(1.2 - distance(i, j), 0) ** 2 / 2,
    );
    return terms.reduce((a, b) => a + b) / 3;
  });
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 6);
  });
});

test('triplets of the next example of the class and of another one', () => {
  const seen: Record<string, number[]> = {};
  const loss = losses.tripletsWithinBatch((triplets) => {
    for (const [name, value] of Object.entries(triplets)) seen[name] = [...numbers(value)];
    return ops.sum(triplets.anchor, { axes: 1 });
  });
  loss(features, labels);
  const flat = (...order: number[]) => order.flatMap((i) => [...(rows[i] ?? [])]);
  const close = (given: number[] | undefined, expected: number[]) =>
    given?.forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k] as number, 6);
    });
  close(seen.positive, flat(1, 0, 3, 2));
  close(seen.negative, flat(2, 2, 0, 0));
});

test('an example alone in its class has nothing to come near to', () => {
  const alone = ops.constant({ dtype: 'int32', shape: [4], data: Int32Array.of(0, 1, 2, 3) });
  const found = numbers(losses.tripletsWithinBatch(losses.angularLoss({ angle: 30 }))(features, alone));
  expect([...found]).toEqual([0, 0, 0, 0]);
});

test.each([
  ['pairs', losses.pairsWithinBatch(losses.contrastive({ margin: 2 }))],
  ['triplets', losses.tripletsWithinBatch(losses.angularLoss({ angle: 20 }))],
])('gradient of %s', (_, loss) => {
  const input = tensor(Float32Array.from(rows.flat()), [4, 2]);
  expect(gradientCheck((x) => ops.sum(loss(x, labels)), [input])).toBeLessThanOrEqual(1e-6);
  expect(() => loss(features, features)).toThrow(refusal('DTYPE', 'the labels'));
});

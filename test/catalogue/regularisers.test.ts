/** Chapter G: dropout. */
import { dropout } from '../../lib/functions';
import { dropout as dropoutLayer } from '../../lib/layers';
import { broadcastTo } from '../../lib/ops/elementwise';
import { randomNormal } from '../../lib/ops/random';
import { constant } from '../../lib/ops/source';
import { key, traced } from '../pure/tracing';
import { numbers, slope } from './numbers';

const points = constant([-2, -0.5, 0, 0.5, 2]);

describe('G-05, G-06 dropout', () => {
  const count = 100_000;
  const ones = broadcastTo(constant(1), [count]);

  test('the share that is kept', () => {
    const kept = numbers(dropout(ones, key, { p: 0.3, inverted: false })).filter((x) => x !== 0).length / count;
    expect(Math.abs(kept - 0.7)).toBeLessThanOrEqual(4 * Math.sqrt((0.3 * 0.7) / count));
  });

  test('inverted, it keeps the expectation', () => {
    const total = numbers(dropout(ones, key, { p: 0.3 })).reduce((a, b) => a + b);
    expect(Math.abs(total / count - 1)).toBeLessThanOrEqual(4 * Math.sqrt(0.3 / 0.7 / count));
  });

  test('the gradient passes through the same mask', () => {
    const x = randomNormal(key, [100]);
    const y = dropout(x, key, { p: 0.5 });
    const [given, made] = [numbers(x), numbers(y)];
    expect(slope(y, x, new Array<number>(100).fill(1))).toEqual(made.map((value) => (value === 0 ? 0 : 2)));
    expect(made).toEqual(given.map((value, i) => (made[i] === 0 ? 0 : 2 * value)));
  });

  test('p = 0 is the identity, p = 1 gives zeros', () => {
    expect(dropout(points, key, { p: 0 })).toBe(points);
    expect(numbers(dropout(points, key, { p: 1 }))).toEqual([0, 0, 0, 0, 0]);
  });

  test('spatial: whole channels', () => {
    const y = numbers(dropout(broadcastTo(constant(1), [8, 3, 3, 5]), key, { p: 0.5, spatial: true }));
    for (let n = 0; n < 8; n++) {
      for (let c = 0; c < 5; c++) {
        const plane = Array.from({ length: 9 }, (_, i) => y[n * 45 + i * 5 + c]);
        expect(new Set(plane).size).toBe(1);
      }
    }
    expect(new Set(y).size).toBe(2);
  });

  test('evaluation: the identity, or (1 - p) x when not inverted', () => {
    const x = constant([0.5, -2, 6]);
    expect(traced(dropoutLayer(0.5), x, false).y).toBe(x);
    const tested = numbers(traced(dropoutLayer(0.5, { inverted: false }), x, false).y);
    expect(tested).toEqual([0.25, -1, 3]);
    expect(tested.reduce((a, b) => a + b)).toBe(2.25);
  });
});

/** Chapter K: the core's printed numbers, in float64. */
import * as fc from 'fast-check';
import { gradients } from '../../lib/compiler/differentiate';
import { hostPermutation, keyOfSeed } from '../../lib/graph/philox';
import type { Value } from '../../lib/graph/value';
import { add, broadcastTo, exp, mul, square } from '../../lib/ops/elementwise';
import { col2im, im2col } from '../../lib/ops/im2col';
import { matmul } from '../../lib/ops/matmul';
import {
  categorical,
  permutation,
  randomNormal,
  randomUniform,
  sampleWithoutReplacement,
  splitKey,
} from '../../lib/ops/random';
import { logSumExp, sum } from '../../lib/ops/reduce';
import { stopGradient } from '../../lib/ops/shape';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, tensor64 } from '../../lib/reference';
import { expectClose, expectHand, F64 } from '../closeness';
import { runNative } from '../native-run';
import { image, numbers, result, slope } from './numbers';

describe('K-01 tensor', () => {
  test('(3, 1) + (1, 4) is (3, 4)', () => {
    const y = add(constant([[0], [10], [20]]), constant([[1, 2, 3, 4]]));
    expect(result(y).shape).toEqual([3, 4]);
    expect(numbers(y)).toEqual([1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24]);
  });

  test('(2, 3) + (2) is refused, and both shapes are named', () => {
    expect(() => add(feed('a', [2, 3]), feed('b', [2]))).toThrow(/\[2, 3\].*\[2\]/);
  });

  test('log-sum-exp is stable', () => expectHand(numbers(logSumExp(constant([1000, 1001, 1002]))), [1002.407606]));
});

describe('K-02 product', () => {
  const a = constant([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const b = constant([
    [1, -1],
    [0, 2],
    [3, 1],
  ]);

  test('y = a b', () => expect(numbers(matmul(a, b))).toEqual([10, 6, 22, 12]));

  test('da = dy b^T and db = a^T dy', () => {
    const dy = [
      [1, 2],
      [3, 4],
    ];
    expect(slope(matmul(a, b), a, dy)).toEqual([-1, 4, 5, -1, 8, 13]);
    expect(slope(matmul(a, b), b, dy)).toEqual([13, 18, 17, 24, 21, 30]);
  });

  test('an empty sum is zero', () => {
    const empty = (...shape: number[]) => constant({ dtype: 'float32', shape, data: new Float32Array() });
    expect(numbers(matmul(empty(2, 0), empty(0, 2)))).toEqual([0, 0, 0, 0]);
  });
});

describe('K-03 im2col', () => {
  test('3 x 3 under 2 x 2', () => {
    expect(numbers(im2col(image(3, 3), { window: 2 }))).toEqual([1, 2, 4, 5, 2, 3, 5, 6, 4, 5, 7, 8, 5, 6, 8, 9]);
  });
});

describe('K-04 col2im', () => {
  const ones = broadcastTo(constant(1), [1, 3, 3, 1]);

  test('counts the windows over each pixel', () => {
    const back = col2im(im2col(ones, { window: 2 }), { window: 2, inputShape: [1, 3, 3, 1] });
    expect(numbers(back)).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1]);
  });

  test('is the adjoint of im2col', () => {
    const sizes = fc.record({
      height: fc.integer({ min: 3, max: 7 }),
      width: fc.integer({ min: 3, max: 7 }),
      channels: fc.integer({ min: 1, max: 3 }),
      window: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      stride: fc.integer({ min: 1, max: 3 }),
      padding: fc.integer({ min: 0, max: 2 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(sizes, ({ height, width, channels, window, stride, padding, dilation, seed }) => {
        const extent = (kernel: number) => dilation * (kernel - 1) + 1;
        fc.pre(extent(window[0]) <= height + 2 * padding && extent(window[1]) <= width + 2 * padding);
        const options = { window, stride, padding, dilation };
        const inputShape = [2, height, width, channels];
        const key = constant({ dtype: 'int32', shape: [2], data: Int32Array.of(seed, 1) });
        const x = randomNormal(key, inputShape);
        const columns = im2col(x, options);
        const c = randomNormal(splitKey(key, 1), columns.shape);
        const [left, right] = evaluate([sum(mul(columns, c)), sum(mul(x, col2im(c, { ...options, inputShape })))]);
        expectClose(left as never, right as never, F64);
      }),
      { numRuns: 50 },
    );
  });
});

describe('K-05 reverse mode', () => {
  test('e = (a + b)(b + 1)', () => {
    const [a, b] = [constant(2), constant(1)];
    const e = mul(add(a, b), add(b, 1));
    expect([numbers(e), slope(e, a), slope(e, b)]).toEqual([[6], [2], [5]]);
  });

  test('a value used three times gathers three contributions', () => {
    const x = constant(1);
    const y = mul(x, exp(square(x)));
    expectHand([...numbers(y), ...slope(y, x)], [Math.E, 8.154845]);
  });

  test('no gradient flows through stopGradient', () => {
    const x = constant(3);
    expect(slope(mul(x, stopGradient(x)), x)).toEqual([3]);
  });

  test('values without influence get zeros, an unused path adds none', () => {
    const [x, y] = [constant([1, 2]), constant([3, 4])];
    expect(gradients(sum(mul(x, x)), [y, x]).map((value) => numbers(value))).toEqual([
      [0, 0],
      [2, 4],
    ]);
  });

  test('the gradient of an empty batch with respect to a stretched operand is zero of its shape', () => {
    const bias = feed('bias', [3]);
    const [gradient] = gradients(sum(add(feed('x', [0, 3]), bias)), [bias]) as [Value];
    expect(gradient.shape).toEqual([3]);
    const feeds = new Map([
      ['bias', tensor64([1, 2, 3])],
      ['x', tensor64([], [0, 3])],
    ]);
    expect([...(evaluate([gradient], feeds)[0]?.data ?? [])]).toEqual([0, 0, 0]);
  });
});

describe('K-08 random numbers', () => {
  /** Large draws come from the core, whose integers the op cases compare with the reference. */
  const native = async (value: Value): Promise<number[]> => [...((await runNative([value], {}))[0]?.data ?? [])];
  const key = (seed: number): Value => constant({ dtype: 'int32', shape: [2], data: keyOfSeed(seed) });

  test('one seed, one stream', () => {
    expect(numbers(randomUniform(key(5), [100]))).toEqual(numbers(randomUniform(key(5), [100])));
    expect(numbers(randomUniform(key(5), [100]))).not.toEqual(numbers(randomUniform(key(6), [100])));
    expect(numbers(randomUniform(splitKey(key(5), 1), [9]))).not.toEqual(
      numbers(randomUniform(splitKey(key(5), 2), [9])),
    );
  });

  test('a million normals have mean 0 and deviation 1 within 0.004', async () => {
    const draws = await native(randomNormal(key(1), [1e6]));
    const mean = draws.reduce((total, x) => total + x, 0) / draws.length;
    const deviation = Math.sqrt(draws.reduce((total, x) => total + (x - mean) ** 2, 0) / draws.length);
    expect(Math.abs(mean)).toBeLessThanOrEqual(0.004);
    expect(Math.abs(deviation - 1)).toBeLessThanOrEqual(0.004);
  });

  test('categories come as often as they should', async () => {
    const count = 1e6;
    const logits = broadcastTo(constant([0.1, 0.2, 0.3, 0.4].map(Math.log)), [count, 4]);
    const drawn = await native(categorical(key(2), logits));
    [0.1, 0.2, 0.3, 0.4].forEach((p, category) => {
      expect(Math.abs(drawn.filter((i) => i === category).length / count - p)).toBeLessThanOrEqual(0.003);
    });
  });

  test('a permutation is a bijection', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (n, seed) => {
        expect([...hostPermutation(keyOfSeed(seed), n)].sort((a, b) => a - b)).toEqual(
          Array.from({ length: n }, (_, i) => i),
        );
      }),
    );
    expect(numbers(permutation(key(3), 10)).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('a sample without replacement has no repeats', () => {
    const drawn = numbers(sampleWithoutReplacement(key(4), 50, 20));
    expect(new Set(drawn).size).toBe(20);
    expect(Math.max(...drawn)).toBeLessThan(50);
  });
});

/** Chapter L: the printed numbers of layers and operations, in float64. */
import * as fc from 'fast-check';
import { gradients } from '../../lib/compiler/differentiate';
import { Scope, Trace } from '../../lib/graph/scope';
import { reachable, type Value } from '../../lib/graph/value';
import { type Block, dense } from '../../lib/layers';
import { concat, split } from '../../lib/ops/concat';
import { conv2d } from '../../lib/ops/conv2d';
import { add } from '../../lib/ops/elementwise';
import { gather } from '../../lib/ops/gather';
import { matmul } from '../../lib/ops/matmul';
import { pad } from '../../lib/ops/pad';
import { averagePool, globalAveragePool, maxPool } from '../../lib/ops/pool';
import { randomNormal, splitKey } from '../../lib/ops/random';
import { mean } from '../../lib/ops/reduce';
import { reshape } from '../../lib/ops/shape';
import { slice } from '../../lib/ops/slice';
import { constant, feed, state, statePath } from '../../lib/ops/source';
import { transpose } from '../../lib/ops/transpose';
import { evaluate, tensor64 } from '../../lib/reference';
import { expectClose, F64 } from '../closeness';
import { image, kernel, numbers, slope } from './numbers';

const key = (seed: number): Value => constant({ dtype: 'int32', shape: [2], data: Int32Array.of(seed, 0) });
const drawn = (seed: number, ...shape: number[]): Value => randomNormal(key(seed), shape);

function expectEqual(actual: Value, expected: Value): void {
  const [a, b] = evaluate([actual, expected]);
  expectClose(a as never, b as never, F64);
}

/** A block traced over `x`, and the paths of the parameters that it declared. */
function traced(block: Block, x: Value): { output: Value; paths: string[] } {
  const trace = new Trace({ state, nextKey: splitKey }, false);
  const output = block(x, new Scope(trace));
  return { output, paths: [...trace.declarations.keys()] };
}

describe('L-01 fully connected', () => {
  const states = new Map([
    [
      'dense.weight',
      tensor64([
        [1, 3],
        [2, 4],
      ]),
    ],
    ['dense.bias', tensor64([0.5, -0.5])],
  ]);
  const { output } = traced(dense(2), constant([[1, -1]]));

  test('y = x W + b', () => expect(numbers(output, states)).toEqual([-0.5, -1.5]));

  test('dx = dy W^T, dW = x^T dy, db = dy', () => {
    const x = constant([[1, -1]]);
    const layer = traced(dense(2), x).output;
    const parameters = reachable([layer])
      .flatMap((node) => node.outputs)
      .filter((value) => statePath(value) !== undefined);
    const slopes = gradients(layer, [x, ...parameters], constant([[10, 100]]));
    const byPath = new Map(
      ['x', ...parameters.map((value) => statePath(value))].map((path, i) => [path, slopes[i] as Value]),
    );
    const of = (path: string) => numbers(byPath.get(path) as Value, states);
    expect([of('x'), of('dense.weight'), of('dense.bias')]).toEqual([
      [310, 420],
      [10, 100, -10, -100],
      [10, 100],
    ]);
  });
});

test('L-26 a layer without bias has none', () => {
  expect(traced(dense(2), feed('x', [1, 3])).paths).toEqual(['dense.weight', 'dense.bias']);
  expect(traced(dense(2, { bias: false }), feed('x', [1, 3])).paths).toEqual(['dense.weight']);
});

describe('L-02 convolution', () => {
  const w = kernel([
    [1, 0],
    [0, -1],
  ]);

  test('valid', () => expect(numbers(conv2d(image(3, 3), w))).toEqual([-4, -4, -4, -4]));

  test('full', () => {
    expect(numbers(conv2d(image(3, 3), w, { padding: 'full' }))).toEqual([
      -1, -2, -3, 0, -4, -4, -4, 3, -7, -4, -4, 6, 0, 7, 8, 9,
    ]);
  });

  test('stride 2, padding 1', () => {
    expect(numbers(conv2d(image(3, 3), w, { stride: 2, padding: 1 }))).toEqual([-1, -3, -7, -4]);
  });
});

describe('L-03 convolution backward', () => {
  test('dx is the full correlation of dy with the kernel turned by 180 degrees', () => {
    const [x, w] = [drawn(1, 2, 6, 5, 3), drawn(2, 3, 2, 3, 4)];
    const y = conv2d(x, w);
    const dy = drawn(3, ...y.shape);
    const turned = transpose(
      slice(w, { begin: [-1, -1, 0, 0], size: [-1, -1, -1, -1], step: [-1, -1, 1, 1] }),
      [0, 1, 3, 2],
    );
    expectEqual(gradients(y, [x], dy)[0] as Value, conv2d(dy, turned, { padding: 'full' }));
  });

  test('a shared weight gathers its positions: dw of ones is the sum over each tap', () => {
    const w = kernel([
      [1, 1],
      [1, 1],
    ]);
    const y = conv2d(image(3, 3), w);
    const dw = numbers(
      gradients(y, [w], constant({ dtype: 'float32', shape: y.shape, data: new Float32Array(4).fill(1) }))[0] as Value,
    );
    expect(dw).toEqual([1 + 2 + 4 + 5, 2 + 3 + 5 + 6, 4 + 5 + 7 + 8, 5 + 6 + 8 + 9]);
  });
});

describe('L-04 padding', () => {
  test('same', () => {
    expect(
      numbers(
        conv2d(
          image(3, 3),
          kernel([
            [1, 0],
            [0, -1],
          ]),
          { padding: 'same' },
        ),
      ),
    ).toEqual([-4, -4, 3, -4, -4, 6, 7, 8, 9]);
  });

  test('same of 224 under 7 with stride 2 is 112, with 2 before and 3 after', () => {
    const y = conv2d(feed('x', [1, 224, 224, 1]), feed('w', [7, 7, 1, 1]), { padding: 'same', stride: 2 });
    expect(y.shape).toEqual([1, 112, 112, 1]);
    expect(y.node.attributes).toMatchObject({ padding: [2, 3, 2, 3] });
  });

  test('the sizes of valid, same and full', () => {
    const sizes = fc.record({
      size: fc.integer({ min: 1, max: 40 }),
      window: fc.integer({ min: 1, max: 7 }),
      stride: fc.integer({ min: 1, max: 4 }),
      dilation: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(sizes, ({ size, window, stride, dilation }) => {
        const x = feed('x', [1, size, size, 1]);
        const w = feed('w', [window, window, 1, 1]);
        const extent = dilation * (window - 1);
        const height = (padding: 'valid' | 'same' | 'full') => conv2d(x, w, { padding, stride, dilation }).shape[1];
        expect(height('same')).toBe(Math.ceil(size / stride));
        expect(height('full')).toBe(Math.floor((size + extent - 1) / stride) + 1);
        if (size > extent) expect(height('valid')).toBe(Math.floor((size - extent - 1) / stride) + 1);
      }),
    );
  });

  test('reflect and replicate', () => {
    const x = constant([1, 2, 3]);
    expect(numbers(pad(x, { before: [2], after: [1], mode: 'reflect' }))).toEqual([3, 2, 1, 2, 3, 2]);
    expect(numbers(pad(x, { before: [2], after: [1], mode: 'replicate' }))).toEqual([1, 1, 1, 2, 3, 3]);
  });
});

describe('L-05 max pooling', () => {
  test('values and indices', () => {
    const [y, indices] = maxPool(image(4, 4), { window: 2 }).node.outputs as [Value, Value];
    expect([numbers(y), numbers(indices)]).toEqual([
      [6, 8, 14, 16],
      [5, 7, 13, 15],
    ]);
  });

  test('an isolated maximum may move inside its window', () => {
    const spot = (i: number) => kernel([0, 1].map((row) => [0, 1].map((column) => Number(row * 2 + column === i))));
    const pooled = [0, 1, 2, 3].map((i) => numbers(maxPool(reshape(spot(i), [1, 2, 2, 1]), { window: 2 })));
    expect(pooled).toEqual([[1], [1], [1], [1]]);
  });

  test('the gradient goes to the first of equals', () => {
    const x = reshape(constant([3, 3, 1, 3]), [1, 2, 2, 1]);
    expect(slope(reshape(maxPool(x, { window: 2 }), []), x)).toEqual([1, 0, 0, 0]);
  });
});

test('L-06 average pooling', () =>
  expect(numbers(averagePool(image(4, 4), { window: 2 }))).toEqual([3.5, 5.5, 11.5, 13.5]));

test('L-09 groups are separate convolutions side by side', () => {
  const [x, w] = [drawn(4, 2, 5, 6, 4), drawn(5, 3, 3, 2, 6)];
  const apart = split(x, 2, { axis: -1 }).map((part, i) =>
    conv2d(part, split(w, 2, { axis: -1 })[i] as Value, { padding: 1 }),
  );
  const [a, b] = evaluate([conv2d(x, w, { padding: 1, groups: 2 }), concat(apart, { axis: -1 })]);
  expect(a?.data).toEqual(b?.data);
});

test('L-10 a 1 x 1 convolution is a fully connected layer at every pixel', () => {
  const [x, w] = [drawn(6, 2, 3, 4, 5), drawn(7, 1, 1, 5, 3)];
  expectEqual(conv2d(x, w), matmul(x, reshape(w, [5, 3])));
  expect(drawn(1, 1, 1, 256, 64).shape.reduce((a, b) => a * b)).toBe(16384);
});

test('L-11 depthwise and pointwise cost 1/D + 1/K^2 of a convolution', () => {
  const multiplies = (window: number, channels: number, filters: number, groups: number) =>
    (window ** 2 * channels * filters) / groups;
  const ratio = (multiplies(3, 64, 64, 64) + multiplies(1, 64, 128, 1)) / multiplies(3, 64, 128, 1);
  expect(ratio).toBeCloseTo(0.118924, 6);
  const x = drawn(8, 1, 5, 5, 3);
  const depthwise = drawn(9, 3, 3, 1, 3);
  const each = split(x, 3, { axis: -1 }).map((channel, c) =>
    conv2d(channel, split(depthwise, 3, { axis: -1 })[c] as Value),
  );
  expectEqual(conv2d(x, depthwise, { groups: 3 }), concat(each, { axis: -1 }));
});

test('L-12 3 x 3 with dilations 1, 2, 4 sees 15 x 15', () => {
  const x = drawn(10, 1, 15, 15, 1);
  const ones = kernel([
    [1, 1, 1],
    [1, 1, 1],
    [1, 1, 1],
  ]);
  const y = [1, 2, 4].reduce((value: Value, dilation) => conv2d(value, ones, { dilation }), x);
  expect(y.shape).toEqual([1, 1, 1, 1]);
  expect(slope(reshape(y, []), x).every((g) => g > 0)).toBe(true);
});

test('L-16 the global average is the mean over space', () => {
  const x = drawn(11, 2, 5, 7, 3);
  expectEqual(globalAveragePool(x), mean(x, { axes: [1, 2] }));
});

describe('L-20 merges', () => {
  test('gradients route back through concatenation', () => {
    const [a, b] = [constant([1, 2]), constant([3])];
    const y = concat([a, b]);
    expect([slope(y, a, [10, 20, 30]), slope(y, b, [10, 20, 30])]).toEqual([[10, 20], [30]]);
  });

  test('split is the inverse of concatenation', () => {
    const x = drawn(12, 2, 7);
    expect(numbers(concat(split(x, [3, 0, 4], { axis: 1 }), { axis: 1 }))).toEqual(numbers(x));
  });
});

test('L-23 repeated rows of an embedding add their gradients', () => {
  const table = constant([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const picked = gather(table, constant(Int32Array.of(2, 0, 2)));
  expect(numbers(picked)).toEqual([5, 6, 1, 2, 5, 6]);
  expect(
    slope(picked, table, [
      [1, 10],
      [2, 20],
      [4, 40],
    ]),
  ).toEqual([2, 20, 0, 0, 5, 50]);
});

test('L-24 a block used twice gathers the gradients of both uses', () => {
  const [w, x] = [drawn(13, 3, 3), drawn(14, 2, 3)];
  const both = matmul(matmul(x, w), w);
  const seed = drawn(15, 2, 3);
  const [whole] = gradients(both, [w], seed) as [Value];
  const [first, second] = [add(w, 0), add(w, 0)];
  const [one, other] = gradients(matmul(matmul(x, first), second), [first, second], seed) as [Value, Value];
  expectEqual(whole, add(one, other));
});

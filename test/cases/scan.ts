/** Loops: cells of several forms. */
import type { Value } from '../../lib/graph/value';
import { concat, split } from '../../lib/ops/concat';
import { add, greater, mul, sigmoid, tanh, where } from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { mean } from '../../lib/ops/reduce';
import { type ScanOptions, scan } from '../../lib/ops/scan';
import { reshape } from '../../lib/ops/shape';
import { softmax } from '../../lib/ops/softmax';
import type { OpCase } from './case';

/** h' = tanh(x Wx + h Wh + b). */
export const simple = (x: Value, h: Value, wx: Value, wh: Value, b: Value, options: ScanOptions = {}): Value[] => {
  const { state, outputs } = scan(
    (state: Value, part: Value) => {
      const next = tanh(add(add(matmul(part, wx), matmul(state, wh)), b));
      return { state: next, output: next };
    },
    h,
    x,
    options,
  );
  return [state, outputs];
};

/** A long short-term memory of one product per step. */
export const memory = (x: Value, h: Value, c: Value, w: Value, b: Value, options: ScanOptions = {}): Value[] => {
  const { state, outputs } = scan(
    (state: { h: Value; c: Value }, part: Value) => {
      const gates = add(matmul(concat([part, state.h], { axis: -1 }), w), b);
      const [i, f, g, o] = split(gates, 4, { axis: -1 }) as [Value, Value, Value, Value];
      const cell = add(mul(sigmoid(f), state.c), mul(sigmoid(i), tanh(g)));
      const hidden = mul(sigmoid(o), tanh(cell));
      return { state: { h: hidden, c: cell }, output: hidden };
    },
    { h, c },
    x,
    options,
  );
  return [state.h, state.c, outputs];
};

const n = 2;
const simpleInputs = (steps: number) => [
  { shape: [n, steps, 3] },
  { shape: [n, 4] },
  { shape: [3, 4] },
  { shape: [4, 4] },
  { shape: [4] },
];
const memoryInputs = (batch: number, steps: number) => [
  { shape: [batch, steps, 3] },
  { shape: [batch, 4] },
  { shape: [batch, 4] },
  { shape: [7, 16] },
  { shape: [16] },
];

const one = (name: string, inputs: OpCase['inputs'], build: OpCase['build']): OpCase => ({
  name,
  op: 'scan',
  inputs,
  build,
  differentiable: true,
});

export const scanCases: OpCase[] = [
  one('scan of a simple cell', simpleInputs(5), (...values) => simple(...(values as Parameters<typeof simple>))),
  one('scan of a simple cell, reverse', simpleInputs(5), (x, h, wx, wh, b) =>
    simple(x as Value, h as Value, wx as Value, wh as Value, b as Value, { reverse: true }),
  ),
  one('scan of one step', simpleInputs(1), (x, h, wx, wh, b) =>
    simple(x as Value, h as Value, wx as Value, wh as Value, b as Value),
  ),
  one('scan of a memory cell', memoryInputs(2, 6), (x, h, c, w, b) =>
    memory(x as Value, h as Value, c as Value, w as Value, b as Value),
  ),
  one('scan of a memory cell of one example, reverse', memoryInputs(1, 6), (x, h, c, w, b) =>
    memory(x as Value, h as Value, c as Value, w as Value, b as Value, { reverse: true }),
  ),
  one(
    'scan with a mask',
    [...memoryInputs(3, 6), { shape: [3, 6], dtype: 'bool', values: [1, 1, 1, 0, 1, 0, 1] }],
    (x, h, c, w, b, mask) => memory(x as Value, h as Value, c as Value, w as Value, b as Value, { mask }),
  ),
  one(
    'scan with lengths, reverse',
    [...memoryInputs(3, 6), { shape: [3], dtype: 'int32', values: [6, 0, 4] }],
    (x, h, c, w, b, lengths) =>
      memory(x as Value, h as Value, c as Value, w as Value, b as Value, { lengths, reverse: true }),
  ),
  one('scan in chunks', memoryInputs(2, 6), (x, h, c, w, b) =>
    memory(x as Value, h as Value, c as Value, w as Value, b as Value, { checkpoint: 3 }),
  ),
  one('scan in chunks and a rest, reverse', memoryInputs(2, 7), (x, h, c, w, b) =>
    memory(x as Value, h as Value, c as Value, w as Value, b as Value, { checkpoint: 2, reverse: true }),
  ),
  one('scan without a sequence', [{ shape: [3, 2] }, { shape: [2, 2] }], (h, w) => {
    const { state, outputs } = scan(
      (state: Value) => {
        const next = tanh(matmul(state, w as Value));
        return { state: next, output: mean(next) };
      },
      h as Value,
      {},
      { length: 4 },
    );
    return [state, outputs];
  }),
  one('scan whose states change places', [{ shape: [2, 3] }, { shape: [2, 3] }, { shape: [2, 5, 3] }], (a, b, x) => {
    const { state, outputs } = scan(
      ([p, q]: readonly Value[], part: Value) => ({
        state: [q as Value, p as Value],
        output: { sum: mul(p as Value, part), plain: q as Value, part, other: a as Value },
      }),
      [a as Value, b as Value],
      x as Value,
    );
    return [...(state as Value[]), ...Object.values(outputs)];
  }),
  one('scan that only sums', [{ shape: [2, 5, 3] }, { shape: [3, 4] }], (x, w) => {
    const { state } = scan(
      (total: Value, part: Value) => ({ state: add(total, tanh(matmul(part, w as Value))), output: {} }),
      mul(matmul(mean(x as Value, { axes: 1 }), w as Value), 0.5),
      x as Value,
    );
    return state;
  }),
  one(
    'scan with attention',
    [{ shape: [2, 4, 3] }, { shape: [2, 3] }, { shape: [2, 5, 3] }, { shape: [6, 3] }],
    (x, h, seen, w) => {
      const { state, outputs } = scan(
        (state: Value, part: Value) => {
          const scores = softmax(matmul(reshape(state, [2, 1, 3]), seen as Value, { transposeB: true }));
          const context = reshape(matmul(scores, seen as Value), [2, 3]);
          const next = tanh(matmul(concat([context, part], { axis: 1 }), w as Value));
          return { state: next, output: { next, scores } };
        },
        h as Value,
        x as Value,
      );
      return [state, outputs.next, outputs.scores];
    },
  ),
  one('scan in a scan', [{ shape: [2, 3, 4, 2] }, { shape: [2, 2] }, { shape: [2, 2] }], (x, h, w) => {
    const { state, outputs } = scan(
      (outer: Value, part: Value) => {
        const inner = scan(
          (state: Value, each: Value) => {
            const next = tanh(add(matmul(state, w as Value), mul(each, outer)));
            return { state: next, output: next };
          },
          outer,
          part,
        );
        return { state: inner.state, output: inner.outputs };
      },
      h as Value,
      x as Value,
    );
    return [state, outputs];
  }),
  one(
    'scan with a branch',
    [
      { shape: [2, 5, 3], values: 'distinct' },
      { shape: [2, 3], values: 'distinct' },
    ],
    (x, h) => {
      const { state } = scan(
        (state: Value, part: Value) => ({
          state: where(greater(part, 0.1), mul(state, part), add(state, part)),
          output: {},
        }),
        h as Value,
        x as Value,
      );
      return state;
    },
  ),
];

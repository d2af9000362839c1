/** Whatever cell is traced: the loop, its gradient and every pass of the compiler give the numbers of the written-out steps. */
import * as fc from 'fast-check';
import { gradients } from '../../lib/compiler/differentiate';
import type { Value } from '../../lib/graph/value';
import { concat, split } from '../../lib/ops/concat';
import * as ops from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { max, mean, sum } from '../../lib/ops/reduce';
import { scan } from '../../lib/ops/scan';
import { reshape } from '../../lib/ops/shape';
import { softmax } from '../../lib/ops/softmax';
import { feed } from '../../lib/ops/source';
import { transpose } from '../../lib/ops/transpose';
import { evaluate, widen } from '../../lib/reference';
import { tensorOf } from '../cases/case';
import { expectClose } from '../closeness';
import { runNative } from '../native-run';
import { type ListCell, unrolled } from './unrolled';

const [n, h] = [3, 4];
type Rule = (a: Value, b: Value, c: Value, weight: Value) => Value;

/** Steps over [n, h] that keep numbers small. */
const rules: readonly Rule[] = [
  (a, b) => ops.mul(ops.add(a, b), 0.5),
  (a, b) => ops.mul(ops.sub(a, b), 0.5),
  (a, b, c) => ops.mul(ops.add(ops.mul(a, b), c), 0.25),
  (a, b, c) => ops.where(ops.less(a, ops.add(b, 0.123)), a, c),
  (a) => ops.tanh(a),
  (a) => ops.sin(a),
  (a, b) => ops.mul(ops.sigmoid(a), ops.tanh(b)),
  (a, _b, _c, weight) => ops.tanh(matmul(a, weight)),
  (a, b, _c, weight) => ops.tanh(ops.add(matmul(a, weight), matmul(b, weight, { transposeB: true }))),
  (a, b) => ops.tanh(matmul(matmul(a, b, { transposeB: true }), a)),
  (a) => ops.broadcastTo(mean(a, { axes: 1, keepDims: true }), a.shape),
  (a, b) => ops.sub(a, max(ops.mul(b, 0.5), { axes: 0, keepDims: true })),
  (a) => softmax(a),
  (a, b) => concat([...split(a, 2, { axis: 1 }), ...split(b, 2, { axis: 1 })].slice(1, 3), { axis: 1 }),
  (a) => reshape(transpose(a), [n, h]),
];

const position = fc.nat(1000);
const instruction = fc.tuple(fc.nat(rules.length - 1), position, position, position, position);
const program = fc.record({
  steps: fc.array(instruction, { minLength: 1, maxLength: 12 }),
  ends: fc.tuple(position, position, position, position),
  options: fc.record({
    reverse: fc.boolean(),
    truncate: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    masked: fc.boolean(),
  }),
  checkpoint: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
});
type Program = typeof program extends fc.Arbitrary<infer T> ? T : never;

/** A cell that picks operands from states, sequence, weights and what it has made. */
const cellOf =
  ({ steps, ends }: Program, weights: readonly Value[]): ListCell =>
  (state, x) => {
    const values = [weights[1] as Value, ...x, ...state];
    const pick = (back: number): Value => values.at(-1 - (back % Math.min(values.length, 7))) as Value;
    for (const [rule, a, b, c] of steps)
      values.push((rules[rule] as Rule)(pick(a), pick(b), pick(c), weights[0] as Value));
    const [p, q, r, s] = ends.map(pick) as [Value, Value, Value, Value];
    return { state: [p, ops.mul(ops.add(state[1] as Value, q), 0.7)], output: [r, ops.mul(s, 2)] };
  };

test('random cells', async () => {
  const length = 5;
  const specs = [
    { shape: [n, h] },
    { shape: [n, h] },
    { shape: [n, length, h] },
    { shape: [h, h] },
    { shape: [n, h] },
    { shape: [n, length], dtype: 'bool', values: [1, 0, 1, 1, 1, 0, 1] },
  ] as const;
  const tensors = Object.fromEntries(specs.map((spec, i) => [`x${i}`, tensorOf(spec, i + 1)]));
  const numbers = new Map(Object.entries(tensors).map(([name, tensor]) => [name, widen(tensor)]));
  await fc.assert(
    fc.asyncProperty(program, async (given) => {
      const inputs = specs.map((spec, i) => feed(`x${i}`, spec.shape, 'dtype' in spec ? spec.dtype : 'float32'));
      const [a, b, x, w, v, mask] = inputs as [Value, Value, Value, Value, Value, Value];
      const { masked, ...rest } = given.options;
      const options = { ...rest, ...(masked && { mask }) };
      const cell = cellOf(given, [w, v]);
      const resultsOf = ({ state, outputs }: { state: readonly Value[]; outputs: readonly Value[] }): Value[] => {
        const values = [...state, ...outputs];
        const loss = values.map((value) => sum(ops.mul(value, ops.sin(value)))).reduce((p, q) => ops.add(p, q));
        return [...values, ...gradients(loss, [a, b, x, w, v])];
      };
      const loop = resultsOf(scan(cell, [a, b], [x], { ...options, checkpoint: given.checkpoint }));
      const expected = evaluate(resultsOf(unrolled(cell, [a, b], [x], options)), numbers);
      const slow = evaluate(loop, numbers);
      const fast = await runNative(loop, tensors);
      expected.forEach((tensor, i) => {
        expectClose(slow[i] as typeof tensor, tensor, { absolute: 1e-9, relative: 1e-9 });
        expectClose(fast[i] as (typeof fast)[number], tensor, { absolute: 1e-3, relative: 1e-3 });
      });
    }),
    { numRuns: 150, seed: 11 },
  );
}, 60000);

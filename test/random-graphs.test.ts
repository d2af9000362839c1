/** Whatever the compiler fuses, reorders and overwrites: random graphs and their gradients give the reference's numbers. */
import * as fc from 'fast-check';
import { gradients } from '../lib/compiler/differentiate';
import type { Value } from '../lib/graph/value';
import { concat, split } from '../lib/ops/concat';
import * as ops from '../lib/ops/elementwise';
import { max, mean, sum } from '../lib/ops/reduce';
import { reshape } from '../lib/ops/shape';
import { slice } from '../lib/ops/slice';
import { softmax } from '../lib/ops/softmax';
import { feed } from '../lib/ops/source';
import { transpose } from '../lib/ops/transpose';
import { evaluate, widen } from '../lib/reference';
import { tensorOf } from './cases/case';
import { expectClose } from './closeness';
import { runNative } from './native-run';

type Rule = (a: Value, b: Value, c: Value) => Value;

/** Steps that keep numbers small, over values that broadcast to `full`; odd shifts keep equal values apart from kinks. */
function stepsOf(full: readonly number[]): readonly Rule[] {
  const whole = (x: Value): Value => ops.broadcastTo(x, full);
  return [
    (a, b) => ops.mul(ops.add(a, b), 0.5),
    (a, b) => ops.clip(ops.mul(a, b), -4, 4),
    (a, b) => ops.mul(ops.sub(a, b), 0.5),
    (a, b, c) => ops.mul(ops.add(ops.mul(a, b), c), 0.25),
    (a, b, c) => ops.where(ops.less(a, ops.add(b, 0.123)), a, c),
    (a, b) => ops.maximum(a, ops.add(b, 0.123)),
    (a, b) => ops.minimum(a, ops.sub(0.123, b)),
    (a) => ops.sub(0, ops.mul(1, a)),
    (a, b) => ops.add(ops.add(a, 0), ops.mul(b, 0)),
    (a) => ops.tanh(a),
    (a) => ops.sigmoid(ops.mul(a, 2)),
    (a) => ops.sin(a),
    (a) => ops.abs(a),
    (a) => mean(whole(a), { axes: 1, keepDims: true }),
    (a) => mean(whole(a), { axes: 0, keepDims: true }),
    (a) => ops.tanh(sum(whole(a), { keepDims: true })),
    (a) => max(whole(a), { axes: 1, keepDims: true }),
    (a) => softmax(whole(a)),
    (a) => slice(whole(a), { begin: [-1, 0], size: [-1, -1], step: [-1, 1] }),
    (a) => reshape(transpose(whole(a)), full),
    (a, b) => concat([...split(whole(a), 2), ...split(whole(b), 2)].slice(1, 3)),
    (a) => ops.cast(ops.cast(ops.add(ops.mul(a, 3.1), 0.37), 'int32'), 'float32'),
  ];
}

const position = fc.nat(1000);
const program = fc.array(fc.tuple(fc.nat(stepsOf([1, 1]).length - 1), position, position, position), {
  minLength: 1,
  maxLength: 30,
});

/** Operands are picked from the newest values, so that graphs grow deep as well as wide. */
function build(
  steps: readonly Rule[],
  inputs: readonly Value[],
  instructions: readonly (readonly [number, number, number, number])[],
): Value[] {
  const values = [...inputs];
  for (const [step, ...operands] of instructions) {
    const [a, b, c] = operands.map((back) => values.at(-1 - (back % Math.min(values.length, 8))) as Value) as [
      Value,
      Value,
      Value,
    ];
    values.push((steps[step] as Rule)(a, b, c));
  }
  return values.slice(inputs.length);
}

// The second shape is large enough for values to be computed again rather than stored.
test.each([
  { rows: 4, columns: 6 },
  { rows: 16, columns: 64 },
])(
  'random graphs of $rows x $columns and their gradients',
  async ({ rows, columns }) => {
    const full = [rows, columns];
    const steps = stepsOf(full);
    const specs = [{ shape: full }, { shape: [columns] }, { shape: [rows, 1] }];
    const tensors = Object.fromEntries(specs.map((spec, i) => [`x${i}`, tensorOf(spec, i + 1)]));
    const feeds = new Map(Object.entries(tensors).map(([name, tensor]) => [name, widen(tensor)]));
    await fc.assert(
      fc.asyncProperty(program, async (instructions) => {
        const inputs = specs.map(({ shape }, i) => feed(`x${i}`, shape));
        const values = build(steps, inputs, instructions);
        const outputs = values.slice(-3);
        const slopes = gradients(sum(values.at(-1) as Value), inputs);
        const roots = [...outputs, ...slopes];
        const expected = evaluate(roots, feeds);
        const actual = await runNative(roots, tensors);
        expected.forEach((tensor, i) => {
          expectClose(actual[i] as (typeof actual)[number], tensor, { absolute: 1e-3, relative: 1e-3 });
        });
      }),
      { numRuns: 300, seed: 7 },
    );
  },
  60000,
);

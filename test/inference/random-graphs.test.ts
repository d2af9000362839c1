/** Whatever is folded: random graphs of products, convolutions, factors and summands give the reference's numbers. */
import * as fc from 'fast-check';
import { ops, Session, type Tensor, type Value } from '../../lib';
import { conv2dTranspose } from '../../lib/ops/conv2d-transpose';
import { feed } from '../../lib/ops/source';
import { evaluate, widen } from '../../lib/reference';
import { distance, normal } from './open';

const { add, concat, constant, conv2d, div, matmul, maximum, mul, neg, reshape, slice, sub } = ops;

const constantOf = (seed: number, ...shape: number[]): Value => {
  const scale = shape.length > 1 ? 0.4 : 1;
  const { data } = normal(seed, shape);
  return constant({ dtype: 'float32', shape, data: data.map((number) => scale * number) as Float32Array });
};

const vectors = [0, 1, 2].map((i) => normal(10 + i, [6]));
const vector = (i: number): Value => constant(vectors[i % 3] as Tensor);
const image = (x: Value): Value => reshape(x, [4, 2, 3, 6]);
const flat = (x: Value): Value => reshape(x, [24, 6]);

/** Steps from [24, 6] to [24, 6]. */
const steps: readonly ((a: Value, b: Value, k: number) => Value)[] = [
  (a, _, k) => mul(a, vector(k)),
  (a, _, k) => add(vector(k), a),
  (a, _, k) => sub(a, vector(k)),
  (a, _, k) => sub(reshape(vector(k), [1, 6]), a),
  (a) => div(a, 3),
  (a) => neg(a),
  (a) => mul(a, 0.5),
  (a) => maximum(a, 0),
  (a, b) => mul(add(a, b), 0.7),
  (a, b) => sub(a, mul(b, 0.3)),
  (a, _, k) => matmul(a, constantOf(20 + (k % 2), 6, 6)),
  (a, _, k) => matmul(a, constantOf(22 + (k % 2), 6, 6), { transposeB: true }),
  (a, _, k) => flat(conv2d(image(a), constantOf(30 + (k % 2), 1, 1, 6, 6))),
  (a, _, k) => flat(conv2d(image(a), constantOf(32 + (k % 2), 3, 3, 3, 6), { padding: 1, groups: 2 })),
  (a) => flat(conv2d(image(a), constantOf(34, 3, 1, 1, 6), { padding: [1, 0], groups: 6 })),
  (a, _, k) => flat(conv2dTranspose(image(a), constantOf(36 + (k % 2), 3, 3, 3, 6), { padding: 1, groups: 2 })),
  (a, _, k) => mul(reshape(a, [4, 6, 6]), constantOf(40 + (k % 2), 6)),
  (a, b) =>
    slice(concat([maximum(matmul(a, constantOf(50, 6, 6)), 0), b], { axis: -1 }), { begin: [0, 3], size: [-1, 6] }),
  (a, b) => maximum(concat([matmul(a, constantOf(51, 6, 3)), matmul(b, constantOf(52, 6, 3))], { axis: -1 }), 0.1),
];

const position = fc.nat(1000);
const program = fc.array(fc.tuple(fc.nat(steps.length - 1), position, position, position), {
  minLength: 1,
  maxLength: 14,
});

function build(x: Value, instructions: readonly (readonly [number, number, number, number])[]): Record<string, Value> {
  const values = [x];
  for (const [step, first, second, k] of instructions) {
    const at = (back: number) => values.at(-1 - (back % Math.min(values.length, 4))) as Value;
    const made = (steps[step] as (typeof steps)[number])(at(first % 3), at(second), k);
    values.push(reshape(made, [24, 6]));
  }
  return { last: values.at(-1) as Value, middle: values[values.length >> 1] as Value };
}

test('random graphs of linear ops', async () => {
  const input = normal(1, [24, 6]);
  await fc.assert(
    fc.asyncProperty(program, async (instructions) => {
      const session = new Session((x: Value) => build(x, instructions));
      const model = await session.compileForInference(input, { batch: 'fixed' });
      const actual = (await model.predict(input)) as Record<string, Tensor>;
      const outputs = build(feed('input', input.shape), instructions);
      const exact = evaluate(Object.values(outputs), new Map([['input', widen(input)]]));
      Object.keys(outputs).forEach((name, i) => {
        expect(distance(actual[name] as Tensor, exact[i] as unknown as Tensor)).toBeLessThan(2e-5);
      });
      session.dispose();
      model.dispose();
    }),
    { numRuns: 200, seed: 5 },
  );
});

/** Which groups run behind a kernel, and where such a pair's values stand. */
import fc from 'fast-check';
import { compile, type ProgramSpec } from '../../lib/compiler/compile';
import { explain } from '../../lib/compiler/explain';
import { encodePlan, type Plan, type PlanBuffer, type PlanStep } from '../../lib/compiler/plan';
import { bytesOf } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import * as ops from '../../lib/ops';
import { feed, state } from '../../lib/ops/source';

const x = feed('x', [2, 6, 6, 8]);
const w = feed('w', [3, 3, 8, 8]);
const v = feed('v', [1, 1, 8, 8]);
const bias = feed('bias', [8]);
const feeds = [x, w, v, bias];
const conv = (input: Value, weights = w) => ops.conv2d(input, weights, { padding: 'same' });
const relu = (value: Value) => ops.maximum(value, 0);

const planOf = (outputs: Record<string, Value>, rest: Partial<ProgramSpec> = {}) =>
  compile({ outputs, feeds, tails: true, ...rest }).plan;
const labelsOf = (plan: Plan) => plan.steps.map(({ label }) => label);
const tailsOf = (plan: Plan) => plan.steps.filter(({ isTail }) => isTail).map(({ label }) => label);
const step = (plan: Plan, i: number) => plan.steps[i] as PlanStep;

describe('a group is attached', () => {
  test('bias and ReLU: the convolution writes where the group writes', () => {
    const plan = planOf({ y: relu(ops.add(conv(x), bias)) });
    expect(labelsOf(plan)).toEqual(['conv2d', '+ add+maximum']);
    expect(step(plan, 0).outputs).toEqual(step(plan, 1).outputs);
    expect(step(plan, 1).inputs).toContain(step(plan, 0).outputs[0]);
    expect(plan.arenaBytes).toBe(0);
    expect(explain(plan)).toMatch(/0 conv2d .*\n +1 \+ elementwise /);
  });

  test('a residual connection, whose operand outlives the convolution that reads it', () => {
    const h = relu(ops.add(x, bias));
    const plan = planOf({ y: ops.tanh(relu(ops.add(conv(h), h))) });
    expect(labelsOf(plan)).toEqual(['add+maximum', 'conv2d', '+ add+maximum+tanh']);
  });

  test('a residual connection takes the place of its operand only where the convolution does not read that', () => {
    const [h, other] = [ops.softmax(x), ops.softmax(ops.neg(x))];
    const y = conv(h);
    const sum = ops.add(y, other);
    const plan = planOf({ y: ops.softmax(sum), same: ops.softmax(y) });
    const pair = plan.steps.findIndex(({ isTail }) => isTail);
    const [kernel, tail] = [step(plan, pair - 1), step(plan, pair)];
    expect(kernel.inputs).not.toContain(tail.outputs[0]);
    expect(tail.inputs).toContain(tail.outputs[0]);
    expect(tail.outputs).not.toEqual(kernel.outputs);
    const own = ops.add(y, h);
    const inPlace = planOf({ y: ops.softmax(own), same: ops.softmax(y) });
    const at = inPlace.steps.findIndex(({ isTail }) => isTail);
    expect(step(inPlace, at - 1).inputs).not.toContain(step(inPlace, at).outputs[0]);
  });

  test('to the convolution that runs last, where the group reads two', () => {
    const plan = planOf({ y: relu(ops.add(conv(x), conv(relu(x), v))) });
    expect(labelsOf(plan)).toEqual(['conv2d', 'maximum', 'conv2d', '+ add+maximum']);
    const other = planOf({ y: relu(ops.add(conv(conv(x), v), conv(x))) });
    expect(tailsOf(other)).toEqual(['+ add+maximum']);
  });

  test('the sums over the pixels, while the output itself is kept', () => {
    const y = conv(x);
    const sums = ops.sum(ops.square(y), { axes: [0, 1, 2] });
    const plan = planOf({ sums, y: ops.mul(y, ops.reciprocal(sums)) });
    expect(step(plan, 1)).toMatchObject({ isTail: true, kernel: 'elementwise' });
    expect(tailsOf(plan)).toHaveLength(1);
    expect(step(plan, 0).outputs).not.toEqual(step(plan, 1).outputs);
  });

  test('sums alone: the output lives for one step', () => {
    const plan = planOf({ sums: ops.sum(ops.exp(conv(x)), { axes: [0, 1, 2] }) });
    expect(tailsOf(plan)).toEqual(['+ exp+sum']);
    expect(plan.arenaBytes).toBe(bytesOf(x));
  });

  test('to the gradient of the input', () => {
    const y = relu(x);
    const [g] = [ops.conv2d(y, w, { padding: 'same' })];
    const masked = ops.mul(ops.where(ops.less(0, x), conv(g as Value), 0), 2);
    expect(tailsOf(planOf({ masked }))).toHaveLength(1);
  });

  test('a fetched output keeps its own memory', () => {
    const y = conv(x);
    const plan = planOf({ y, z: relu(y) });
    expect(tailsOf(plan)).toEqual(['+ maximum']);
    expect(step(plan, 0).outputs).not.toEqual(step(plan, 1).outputs);
  });
});

describe('a group is not attached', () => {
  const y = conv(x);

  test('to kernels that cannot hand out ranges', () => {
    expect(tailsOf(planOf({ y: relu(ops.softmax(x)) }))).toEqual([]);
  });

  test('when other work lies between', () => {
    expect(tailsOf(planOf({ z: ops.add(y, ops.softmax(y)) }))).toEqual([]);
    expect(labelsOf(planOf({ z: ops.sub(y, ops.sum(y, { axes: [0, 1, 2] })) }))).toEqual(['conv2d', '+ sum', 'sub']);
  });

  test('when it walks over another shape', () => {
    const scale = conv(feed('x', [2, 6, 6, 8]).shape[0] === 2 ? ops.sum(x, { axes: [1, 2], keepDims: true }) : x, v);
    expect(tailsOf(planOf({ z: ops.mul(x, scale) }))).toEqual([]);
    expect(tailsOf(planOf({ z: relu(ops.reshape(y, [2, 36, 8])) }))).toEqual([]);
  });

  test('when it gives a state its new value', () => {
    const held = state('held', x.shape);
    const plan = planOf({}, { updates: [{ state: held, next: ops.add(held, y) }] });
    expect(tailsOf(plan)).toEqual([]);
    expect(plan.firstWrite).toBe(1);
  });

  test('when values are checked, when nothing is fused, and on request', () => {
    const outputs = { z: relu(y) };
    for (const rest of [{ check: 'finite' }, { fuse: false }, { tails: false }] as const) {
      expect(tailsOf(compile({ outputs, feeds, ...rest }).plan)).toEqual([]);
    }
  });
});

test('steps that write states are counted behind the pairs', () => {
  const total = state('total', []);
  const y = relu(conv(x));
  const plan = planOf({ y }, { updates: [{ state: total, next: ops.add(total, ops.sum(ops.exp(y))) }] });
  const writes = plan.steps.map(({ outputs }) => outputs.some((i) => plan.buffers[i]?.region === 'state'));
  expect(tailsOf(plan)).toHaveLength(1);
  expect(writes.indexOf(true)).toBe(plan.firstWrite);
});

test('the encoding marks the tails', () => {
  const plan = planOf({ y: relu(conv(x)) });
  const { words } = encodePlan(plan, () => 0);
  expect(words.at(-1)).toBe(1);
  const [kernel, tail] = plan.steps.map(
    (each) => 4 + each.inputs.length + each.outputs.length + each.attributes.length,
  );
  expect(words[words.length - 1 - ((tail as number) + 1)]).toBe(0);
  expect(kernel).toBeGreaterThan(0);
});

/** Programs of convolutions, elementwise work, sums and other kernels. */
const programs = fc.array(fc.tuple(fc.nat(6), fc.nat(), fc.nat()), { minLength: 1, maxLength: 30 });

function build(choices: readonly (readonly [number, number, number])[]): Value[] {
  const values: Value[] = [x];
  for (const [kind, i, j] of choices) {
    const [a, b] = [values[i % values.length] as Value, values[j % values.length] as Value];
    const made = [
      () => ops.add(a, b),
      () => relu(ops.mul(a, b)),
      () => conv(a),
      () => conv(b, v),
      () => ops.softmax(a),
      () => ops.sub(a, ops.sum(b, { axes: [0, 1, 2], keepDims: true })),
      () => ops.tanh(ops.add(conv(a, v), b)),
    ];
    values.push((made[kind] as () => Value)());
  }
  return values;
}

test('a pair never overwrites what it still reads, and everything is written before it is read', () => {
  const overlap = (a: PlanBuffer, b: PlanBuffer) =>
    a.region === b.region &&
    (a.region === 'arena'
      ? a.location < b.location + bytesOf(b) && b.location < a.location + bytesOf(a)
      : a.location === b.location);
  let pairs = 0;
  fc.assert(
    fc.property(programs, (choices) => {
      const values = build(choices);
      const plan = planOf({ last: values.at(-1) as Value, middle: ops.neg(values[values.length >> 1] as Value) });
      const buffer = (i: number) => plan.buffers[i] as PlanBuffer;
      const ready = new Set<number>();
      plan.steps.forEach(({ inputs, outputs, isTail }, i) => {
        for (const input of inputs) expect(buffer(input).region === 'feed' || ready.has(input)).toBe(true);
        for (const output of outputs) {
          for (const known of ready)
            if (known !== output && overlap(buffer(known), buffer(output))) ready.delete(known);
          ready.add(output);
        }
        if (!isTail) return;
        pairs++;
        const kernel = step(plan, i - 1);
        expect(kernel.isTail).toBe(false);
        for (const output of outputs) {
          for (const input of kernel.inputs) expect(overlap(buffer(output), buffer(input))).toBe(false);
          if (!kernel.outputs.includes(output)) {
            for (const own of kernel.outputs) expect(overlap(buffer(output), buffer(own))).toBe(false);
          }
        }
        for (const input of inputs) {
          if (kernel.outputs.includes(input)) continue;
          for (const own of kernel.outputs) expect(overlap(buffer(input), buffer(own))).toBe(false);
        }
      });
    }),
    { numRuns: 200, seed: 5 },
  );
  expect(pairs).toBeGreaterThan(100);
});

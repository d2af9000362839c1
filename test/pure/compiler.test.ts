/** The compiler's passes, without the native core: simplify, fuse, order, memory, encode. */
import fc from 'fast-check';
import { commute } from '../../lib/compiler/commute';
import { compile } from '../../lib/compiler/compile';
import { gradients } from '../../lib/compiler/differentiate';
import { explain } from '../../lib/compiler/explain';
import { encodePlan, type Plan } from '../../lib/compiler/plan';
import { storageOf } from '../../lib/compiler/step';
import { tensor } from '../../lib/graph/tensor';
import { reachable, type Value } from '../../lib/graph/value';
import * as ops from '../../lib/ops';
import { constant, feed, state } from '../../lib/ops/source';
import { evaluate } from '../../lib/reference';
import { tensor64 } from '../../lib/reference/tensor64';

const kernelsOf = (plan: Plan) => plan.steps.map((step) => step.label);

describe('simplify', () => {
  const x = feed('x', [3, 4]);

  test('neutral operations drop out and equal nodes are shared', () => {
    const y = ops.add(ops.mul(x, 1), 0);
    const twice = ops.add(ops.exp(y), ops.exp(x));
    const { plan } = compile({ outputs: { twice }, feeds: [x] });
    expect(kernelsOf(plan)).toEqual(['exp+add']);
  });

  test('constants of constants are computed at compile time', () => {
    const factor = ops.div(constant(1), 4);
    const { plan } = compile({ outputs: { y: ops.mul(x, factor) }, feeds: [x] });
    expect(kernelsOf(plan)).toEqual(['mul']);
    expect(plan.steps[0]?.attributes).toContain(0.25);
  });

  test('transposes that cancel and views of views vanish', () => {
    const y = ops.transpose(ops.transpose(x, [1, 0]), [1, 0]);
    const z = ops.reshape(ops.reshape(y, [12]), [3, 4]);
    const { plan } = compile({ outputs: { y: ops.neg(z) }, feeds: [x] });
    expect(kernelsOf(plan)).toEqual(['neg']);
  });

  test('a neutral operand that stretches the other is kept', () => {
    const stretched = ops.add(x, constant(tensor(new Float32Array(24), [2, 3, 4])));
    const { plan } = compile({ outputs: { stretched }, feeds: [x] });
    expect(plan.fetches[0]?.shape).toEqual([2, 3, 4]);
  });
});

describe('fuse', () => {
  test('a chain with several results and a sum is one pass', () => {
    const x = feed('x', [8, 16]);
    const y = ops.tanh(ops.add(x, feed('b', [16])));
    const outputs = { y, total: ops.sum(ops.mul(y, y), { axes: [0] }) };
    const { plan } = compile({ outputs, feeds: [x, feed('b', [16])] });
    expect(plan.steps).toHaveLength(1);
  });

  test('nothing is fused across a kernel that lies between', () => {
    const x = feed('x', [8, 8]);
    const y = ops.exp(x);
    const z = ops.add(y, ops.softmax(y));
    const { plan } = compile({ outputs: { z }, feeds: [x] });
    expect(kernelsOf(plan)).toEqual(['exp', 'softmax', 'add']);
  });

  test('a value is not read in the pass that sums it', () => {
    const x = feed('x', [8, 8]);
    const centred = ops.sub(x, ops.sum(x, { axes: [1], keepDims: true }));
    expect(compile({ outputs: { centred }, feeds: [x] }).plan.steps).toHaveLength(2);
  });

  test('fuse: false gives every op a pass of its own', () => {
    const x = feed('x', [4]);
    const y = ops.exp(ops.neg(ops.sin(x)));
    expect(compile({ outputs: { y }, feeds: [x], fuse: false }).plan.steps).toHaveLength(3);
  });
});

describe('order', () => {
  test('states are written last, each after its other readers', () => {
    const w = state('w', [4, 4]);
    const x = feed('x', [2, 4]);
    const [g] = gradients(ops.sum(ops.square(ops.softmax(ops.add(x, ops.sum(w, { axes: [0] }))))), [w]) as [Value];
    const { plan } = compile({
      outputs: { seen: ops.mul(w, 2) },
      feeds: [x],
      updates: [{ state: w, next: ops.sub(w, ops.mul(g, 0.1)) }],
    });
    const writes = plan.steps.map((step) => step.outputs.some((i) => plan.buffers[i]?.region === 'state'));
    expect(writes.indexOf(true)).toBe(plan.firstWrite);
    expect(writes.lastIndexOf(false)).toBeLessThan(plan.firstWrite);
  });

  test('two states that exchange their values are copied through the arena', () => {
    const [a, b] = [state('a', [4]), state('b', [4])];
    const { plan } = compile({
      outputs: {},
      updates: [
        { state: a, next: b },
        { state: b, next: a },
      ],
    });
    const regionsOf = (indices: readonly number[]) => indices.map((i) => plan.buffers[i]?.region);
    expect(plan.steps.map((step) => [...regionsOf(step.inputs), ...regionsOf(step.outputs)])).toEqual([
      ['state', 'arena'],
      ['state', 'arena'],
      ['arena', 'state'],
      ['arena', 'state'],
    ]);
  });

  test('two states that are computed from each other keep their old values while both are read', () => {
    const [a, b] = [state('a', [4]), state('b', [4])];
    const { plan } = compile({
      outputs: {},
      updates: [
        { state: a, next: ops.add(ops.softmax(a), b) },
        { state: b, next: ops.add(ops.softmax(b), a) },
      ],
    });
    const written = new Set<number>();
    for (const step of plan.steps) {
      const states = (list: readonly number[]) =>
        list.map((i) => plan.buffers[i]).filter((buffer) => buffer?.region === 'state');
      for (const read of states(step.inputs)) expect(written.has(read?.location as number)).toBe(false);
      for (const write of states(step.outputs)) written.add(write?.location as number);
    }
  });
});

/** A random program: a list of op choices over earlier values. */
const programs = fc.array(fc.tuple(fc.nat(6), fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 40 });

function build(choices: readonly (readonly [number, number, number])[]): { values: Value[]; x: Value } {
  const x = feed('x', [6, 5]);
  const values = [x];
  for (const [kind, i, j] of choices) {
    const [a, b] = [values[i % values.length] as Value, values[j % values.length] as Value];
    const made = [
      () => ops.add(a, b),
      () => ops.mul(ops.tanh(a), b),
      () => ops.softmax(a),
      () => ops.sub(a, ops.sum(b, { axes: [1], keepDims: true })),
      () => ops.reshape(ops.reshape(a, [30]), [6, 5]),
      () => ops.maximum(ops.sum(a, { axes: [0] }), b),
      () => ops.transpose(ops.transpose(ops.neg(a), [1, 0]), [1, 0]),
    ];
    values.push((made[kind] as () => Value)());
  }
  return { values, x };
}

describe('memory', () => {
  test('no two temporaries that live at the same time overlap, and none is read before it is written', () => {
    fc.assert(
      fc.property(programs, (choices) => {
        const { values, x } = build(choices);
        const outputs = { last: values.at(-1) as Value, middle: ops.neg(values[values.length >> 1] as Value) };
        const { plan, steps, arena } = compile({ outputs, feeds: [x] });
        const blocks = [...new Set(arena.blocks.values())];
        for (const [i, a] of blocks.entries()) {
          expect(a.offset + a.bytes).toBeLessThanOrEqual(plan.arenaBytes);
          expect(a.offset % 64).toBe(0);
          for (const b of blocks.slice(i + 1)) {
            const together = a.first <= b.last && b.first <= a.last;
            const overlap = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
            expect(together && overlap).toBe(false);
          }
        }
        const ready = new Set<Value>();
        for (const step of steps) {
          for (const input of step.inputs) {
            const storage = storageOf(input);
            expect(storage.node.op.kind === 'source' || ready.has(storage)).toBe(true);
          }
          for (const output of step.outputs) ready.add(output);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a chain of kernels reuses its memory', () => {
    let y = feed('x', [64, 64]);
    for (let i = 0; i < 20; i++) y = ops.softmax(ops.transpose(y, [1, 0]));
    const { plan } = compile({ outputs: { y }, feeds: [feed('x', [64, 64])] });
    expect(plan.arenaBytes).toBeLessThanOrEqual(2 * 64 * 64 * 4);
  });
});

describe('plan', () => {
  test('the encoding starts with the version and the counts', () => {
    const x = feed('x', [2]);
    const { plan } = compile({ outputs: { y: ops.exp(x) }, feeds: [x] });
    const { words, names, labels } = encodePlan(plan, () => 0);
    expect([...words.slice(0, 10)]).toEqual([3, 0, 0, 0, 1, 1, 2, 1, 0, 1]);
    expect([names, labels]).toEqual([['elementwise'], ['exp']]);
    expect(explain(plan)).toMatch(/elementwise .*float32\[2\] @feed 0 -> float32\[2\] @fetch 0/);
  });

  test('a feed that is not declared is an error', () => {
    expect(() => compile({ outputs: { y: ops.exp(feed('x', [2])) } })).toThrow(
      "expected every feed to be declared but got 'x'",
    );
  });
});

describe('commute', () => {
  const x = feed('x', [2, 4, 4, 3]);
  const bias = feed('bias', [3]);
  const namesOf = (root: Value) => reachable([root]).map((node) => node.op.name);
  const moved = (root: Value) => commute([root])(root);

  test('bias and ReLU move behind max pooling, and the numbers stay', () => {
    const y = ops.maxPool(ops.maximum(ops.add(x, bias), 0), { window: 2 });
    const z = moved(y);
    expect(namesOf(z).filter((name) => name !== 'feed' && name !== 'constant')).toEqual(['maxPool', 'add', 'maximum']);
    expect(z.shape).toEqual([2, 2, 2, 3]);
    const numbers = new Map([
      [
        'x',
        tensor64(
          Array.from({ length: 96 }, (_, i) => Math.sin(7 * i)),
          x.shape,
        ),
      ],
      ['bias', tensor64([-1, 0, 1])],
    ]);
    expect(evaluate([z], numbers)[0]).toEqual(evaluate([y], numbers)[0]);
  });

  test('what is used elsewhere too, or differs from place to place, stays', () => {
    const positive = ops.maximum(x, 0);
    const both = ops.add(ops.maxPool(positive, { window: 1 }), positive);
    expect(namesOf(moved(both))).toEqual(namesOf(both));
    const masked = ops.maxPool(ops.add(x, feed('map', [4, 4, 1])), { window: 2 });
    expect(namesOf(moved(masked))).toEqual(namesOf(masked));
    const falling = ops.maxPool(ops.mul(x, -1), { window: 2 });
    expect(namesOf(moved(falling))).toEqual(namesOf(falling));
  });
});

/** What becomes of a loop in the plan, and how its run can end. */
import { compile } from '../../lib/compiler/compile';
import { gradients } from '../../lib/compiler/differentiate';
import { explain } from '../../lib/compiler/explain';
import { reachable, type Value } from '../../lib/graph/value';
import { add, div, log, mul, tanh } from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { sum } from '../../lib/ops/reduce';
import { type ScanOptions, scan } from '../../lib/ops/scan';
import { feed, state } from '../../lib/ops/source';
import { Program } from '../../lib/runtime/program';
import { Store } from '../../lib/runtime/store';
import { memory } from '../cases/scan';

const memoryFeeds = (n: number, t: number, f = 3, h = 4): Value[] => [
  feed('x', [n, t, f]),
  feed('h', [n, h]),
  feed('c', [n, h]),
  feed('w', [f + h, 4 * h]),
  feed('b', [4 * h]),
];

/** The gradients of the outputs' sum to all weights. */
function training(n: number, t: number, options: ScanOptions = {}, h = 4) {
  const feeds = memoryFeeds(n, t, 3, h);
  const [x, h0, c0, w, b] = feeds as [Value, Value, Value, Value, Value];
  const outputs = memory(x, h0, c0, w, b, options);
  const [dw, db] = gradients(sum(outputs[2] as Value), [w, b]) as [Value, Value];
  return { outputs: { dw, db }, feeds };
}

test('neither the graph nor the plan grows with the number of steps', () => {
  const [short, long] = [training(2, 3), training(2, 300)];
  expect(reachable(Object.values(long.outputs)).length).toBe(reachable(Object.values(short.outputs)).length);
  const plans = [short, long].map((spec) => compile(spec).plan);
  expect(plans[1]?.steps.length).toBe(plans[0]?.steps.length);
  expect(plans[1]?.loops.map(({ count }) => count)).toEqual([300, 300]);
});

test('the gradients of weights are products over all steps, behind the loop', () => {
  const { plan } = compile(training(2, 30));
  const last = plan.loops.at(-1) as (typeof plan.loops)[number];
  const products = plan.steps.flatMap(({ kernel }, i) => (kernel === 'matmul' ? [i] : []));
  expect(products.filter((i) => i >= last.end)).toHaveLength(1);
  expect(products.filter((i) => i >= last.begin && i < last.end)).toHaveLength(1);
});

test('products of the sequence run before the loop, projections after it', () => {
  const [x, h, wx, wh, wo] = [
    [2, 9, 3],
    [2, 4],
    [3, 4],
    [4, 4],
    [4, 5],
  ].map((shape, i) => feed(`v${i}`, shape)) as [Value, Value, Value, Value, Value];
  const { outputs } = scan(
    (s: Value, part: Value) => {
      const next = tanh(add(matmul(part, wx), matmul(s, wh)));
      return { state: next, output: tanh(matmul(next, wo)) };
    },
    h,
    x,
  );
  const { plan } = compile({ outputs: { outputs }, feeds: [x, h, wx, wh, wo] });
  const [loop] = plan.loops;
  const products = plan.steps.flatMap(({ kernel }, i) => (kernel === 'matmul' ? [i] : []));
  expect(products.map((i) => Math.sign(Number(i >= (loop?.begin ?? 0)) + Number(i >= (loop?.end ?? 0)) - 1))).toEqual([
    -1, 0, 1,
  ]);
});

test('chunks take less memory', () => {
  const [all, chunks] = [{}, { checkpoint: 16 }].map(
    (options) => compile(training(8, 256, options, 64)).plan.arenaBytes,
  );
  expect(chunks).toBeLessThan((all as number) / 2);
});

test('a loop is shown indented', () => {
  const text = explain(compile(training(2, 7)).plan);
  expect(text).toMatch(/\n {4}7 times:\n +\d+ {3}\w+/);
  expect(text).toMatch(/\+= 32\b/);
  expect(text).toMatch(/-= 32\b/);
});

describe('a run', () => {
  const steps = 5;
  const x = feed('x', [1, steps, 2]);
  const numbers = (values: readonly number[]) => Float32Array.from(values);
  let store: Store;
  beforeEach(() => {
    store = new Store();
    store.declare('total', { dtype: 'float32', shape: [1, 2] });
  });
  afterEach(() => store.dispose());

  /** Adds log(x / 2) up, in the state and in the loop. */
  function program(check?: 'finite'): Program {
    const total = state('total', [1, 2]);
    const { state: next } = scan(
      (s: Value, part: Value) => ({ state: add(s, mul(log(div(part, 2)), s)), output: {} }),
      total,
      x,
    );
    return new Program(store, { outputs: { next }, updates: [{ state: total, next }], feeds: [x], check });
  }

  test('that a check stops names the place and leaves the states', async () => {
    store.write('total', { dtype: 'float32', shape: [1, 2], data: numbers([1, 1]) });
    const checked = program('finite');
    await expect(checked.run({ x: numbers([1, 2, 3, 4, 0, 6, 7, 8, 9, 10]) })).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringContaining('log'),
    });
    expect([...store.read('total').data]).toEqual([1, 1]);
    const { outputs } = await checked.run({ x: numbers([2, 2, 2, 2, 2, 2, 2, 2, 2, 2]) });
    expect([...(outputs.next?.data ?? [])]).toEqual([1, 1]);
    checked.dispose();
  });

  test('repeats its loop in every iteration', async () => {
    store.write('total', { dtype: 'float32', shape: [1, 2], data: numbers([1, 2]) });
    const made = program();
    const e = 2 * Math.E;
    const { outputs } = await made.run({ x: new Float32Array(2 * steps * 2).fill(e) }, 2);
    const [first, second] = [2 ** steps, 2 ** (2 * steps)];
    const expected = [first, 2 * first, second, 2 * second];
    expected.forEach((number, i) => {
      expect((outputs.next?.data[i] as number) / number).toBeCloseTo(1, 4);
    });
    made.dispose();
  });

  test('can be aborted in the middle of a loop', async () => {
    const { state: next } = scan(
      (s: Value) => ({ state: tanh(matmul(s, s)), output: {} }),
      state('square', [64, 64]),
      {},
      { length: 1e6 },
    );
    store.declare('square', { dtype: 'float32', shape: [64, 64] });
    const endless = new Program(store, { outputs: { next } });
    setTimeout(() => endless.abort(), 50);
    const began = performance.now();
    expect((await endless.run()).iterations).toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
    endless.dispose();
  });
});

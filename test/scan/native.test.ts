/** Loops on the native core: gradients, second derivatives and every setting of the compiler give the reference's numbers. */
import { compile } from '../../lib/compiler/compile';
import { gradients } from '../../lib/compiler/differentiate';
import type { Tensor } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import { add, mul, sin } from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { sum } from '../../lib/ops/reduce';
import { scan } from '../../lib/ops/scan';
import { feed } from '../../lib/ops/source';
import { evaluate, widen } from '../../lib/reference';
import { setThreads } from '../../lib/runtime/addon';
import { Program } from '../../lib/runtime/program';
import { Store } from '../../lib/runtime/store';
import { buildCase, cases, type OpCase } from '../cases';
import { expectClose } from '../closeness';
import { runNative } from '../native-run';

const loops = cases.filter(({ op, differentiable }) => op === 'scan' && differentiable);
const named = loops.map((opCase): [string, OpCase] => [opCase.name, opCase]);
const isFloat = (value: Value): boolean => value.dtype === 'float32';
const curved = (outputs: readonly Value[]): Value =>
  outputs.map((output) => sum(mul(output, sin(output)))).reduce((a, b) => add(a, b));

describe.each(named)('%s', (_, opCase) => {
  const { inputs, outputs, tensors } = buildCase(opCase);
  const wrt = inputs.filter(isFloat);
  const feeds = new Map(Object.entries(tensors).map(([name, tensor]) => [name, widen(tensor)]));
  const first = gradients(curved(outputs), wrt);

  test('gradients', async () => {
    const expected = evaluate(first, feeds);
    const actual = await runNative([...first, ...outputs], tensors);
    expected.forEach((tensor, i) => {
      expectClose(actual[i] as (typeof actual)[number], tensor, { absolute: 1e-4, relative: 1e-3 });
    });
  });

  test('second derivatives', async () => {
    const second = gradients(curved(first), wrt);
    const expected = evaluate(second, feeds);
    const actual = await runNative(second, tensors);
    expected.forEach((tensor, i) => {
      const size = tensor.data.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
      expectClose(actual[i] as (typeof actual)[number], tensor, { absolute: 1e-4 * size, relative: 1e-3 });
    });
  });

  test('the same bits at any number of threads', async () => {
    const runs = [];
    for (const threads of [1, 2, 3]) {
      setThreads(threads);
      runs.push(await runNative([...outputs, ...first], tensors));
    }
    setThreads(2);
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  test('the same numbers whatever the compiler does', async () => {
    const values = [...outputs, ...first];
    const expected = evaluate(values, feeds);
    for (const settings of [{ fuse: false }, { tails: false }, { check: 'finite' as const }]) {
      const store = new Store();
      const names = Object.fromEntries(values.map((value, i) => [`y${i}`, value]));
      const program = new Program(store, { outputs: names, feeds: [...inputs], ...settings });
      const { outputs: actual } = await program.run(tensors);
      expected.forEach((tensor, i) => {
        expectClose(actual[`y${i}`] as Tensor, tensor, { absolute: 1e-4, relative: 1e-3 });
      });
      program.dispose();
      store.dispose();
    }
  });
});

test('a batch without examples', async () => {
  const [x, h, w] = [feed('x', [0, 4, 3]), feed('h', [0, 3]), feed('w', [3, 3])] as const;
  const { state, outputs } = scan(
    (s: Value, part: Value) => {
      const next = add(matmul(s, w), part);
      return { state: next, output: next };
    },
    h,
    x,
    { reverse: true },
  );
  const [dw] = gradients(sum(outputs), [w]) as [Value];
  const empty = (shape: number[]): Tensor => ({ dtype: 'float32', shape, data: new Float32Array(0) });
  const ones: Tensor = { dtype: 'float32', shape: [3, 3], data: new Float32Array(9).fill(1) };
  const results = await runNative([state, outputs, dw], { x: empty([0, 4, 3]), h: empty([0, 3]), w: ones });
  expect(results.map(({ shape }) => shape)).toEqual([
    [0, 3],
    [0, 4, 3],
    [3, 3],
  ]);
  expect([...(results[2]?.data ?? [])]).toEqual(new Array(9).fill(0));
});

test('scans behind each other hand sequences on as they are', () => {
  const [x, h, w] = [feed('x', [2, 4, 3]), feed('h', [2, 3]), feed('w', [3, 3])] as const;
  const layer = (sequence: Value): Value =>
    scan(
      (s: Value, part: Value) => {
        const next = sin(add(matmul(s, w), part));
        return { state: next, output: next };
      },
      h,
      sequence,
    ).outputs;
  const { plan } = compile({ outputs: { y: layer(layer(layer(x))) }, feeds: [x, h, w] });
  expect(plan.loops).toHaveLength(3);
  expect(plan.steps.filter(({ kernel }) => kernel === 'transpose')).toHaveLength(2);
});

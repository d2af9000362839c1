/** Loops on the native core: gradients, second derivatives and every setting of the compiler give the reference's numbers. */
import { gradients } from '../../lib/compiler/differentiate';
import type { Value } from '../../lib/graph/value';
import { add, mul, sin } from '../../lib/ops/elementwise';
import { sum } from '../../lib/ops/reduce';
import { evaluate, widen } from '../../lib/reference';
import { setThreads } from '../../lib/runtime/addon';
import { buildCase, cases, type OpCase } from '../cases';
import { expectClose } from '../closeness';
import { runNative } from '../native-run';

const loops = cases.filter(({ op }) => op === 'scan');
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
});

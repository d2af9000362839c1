/** The native core against the float64 reference, over every op case. */

import { evaluate, type Tensor64, widen } from '../lib/reference';
import { type BuiltCase, buildCase, cases, type OpCase } from './cases';
import { EXACT, expectClose, F32 } from './closeness';
import { runNative } from './native-run';

/** What a float32 result would be without any rounding on the way. */
const rounded = ({ dtype, shape, data }: Tensor64): Tensor64 => ({
  dtype,
  shape,
  data: dtype === 'float32' ? data.map(Math.fround) : data,
});

const reference = ({ outputs, tensors }: BuiltCase): Tensor64[] =>
  evaluate(outputs, new Map(Object.entries(tensors).map(([name, tensor]) => [name, widen(tensor)])));

describe('native values equal the reference', () => {
  test.each(cases.map((opCase): [string, OpCase] => [opCase.name, opCase]))('%s', async (_, opCase) => {
    const built = buildCase(opCase);
    const expected = reference(built).map(rounded);
    const actual = await runNative(built.outputs, built.tensors);
    expected.forEach((output, i) => {
      const computed = actual[i] as (typeof actual)[number];
      expect(computed.dtype).toBe(output.dtype);
      expectClose(computed, output, output.dtype === 'float32' ? (opCase.tolerance ?? F32) : EXACT);
    });
  });
});

test('case names are unique', () => {
  const names = cases.map(({ name }) => name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

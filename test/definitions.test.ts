/** Ops with a definition in other ops: the rule and its definition agree, forward and gradient, in float64. */
import { gradients } from '../lib/compiler/differentiate';
import type { Value } from '../lib/graph/value';
import { add, mul } from '../lib/ops/elementwise';
import { sum } from '../lib/ops/reduce';
import { feed } from '../lib/ops/source';
import { evaluate, type Numbers, type Tensor64, tensor64, widen } from '../lib/reference';
import { buildCase, cases } from './cases';
import { expectClose, F64 } from './closeness';

const defined = cases.flatMap((opCase) => {
  const built = buildCase(opCase);
  const { node } = built.outputs[0] as Value;
  return node.op.define && built.outputs.every((output) => output.node === node)
    ? [{ name: opCase.name, opCase, built, node }]
    : [];
});

/** The sum of all outputs, each times a feed of its own. */
const weighted = (outputs: readonly Value[], seeds: readonly Value[]): Value =>
  outputs.map((output, i) => sum(mul(output, seeds[i] as Value))).reduce((total, term) => add(total, term));

const expectAllClose = (actual: readonly Tensor64[], expected: readonly Tensor64[]): void => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((numbers, i) => {
    expectClose(actual[i] as Tensor64, numbers, F64);
  });
};

test.each(defined.map((entry) => [entry.name, entry] as const))(
  '%s equals its definition',
  (_, { opCase, built, node }) => {
    const spelled = [node.op.define?.(node.inputs, node.attributes as never)].flat() as Value[];
    const definitions = built.outputs.map((output) => spelled[output.index] as Value);
    const feeds: Numbers = new Map(Object.entries(built.tensors).map(([name, tensor]) => [name, widen(tensor)]));
    const actual = evaluate(built.outputs, feeds);
    const expected = evaluate(definitions, feeds);
    if (expected.every(({ data }) => data.every(Number.isFinite))) expectAllClose(actual, expected);
    if (!opCase.differentiable) return;

    const seeds = built.outputs.map((output, i) => feed(`seed${i}`, output.shape));
    const numbers = new Map(feeds);
    actual.forEach(({ data, shape }, i) => {
      const waves = [...data.keys()].map((k) => Math.sin(k + 1 + i));
      numbers.set(`seed${i}`, tensor64(waves, shape));
    });
    const floats = built.inputs.filter((input) => input.dtype === 'float32');
    const gradientsOf = (outputs: readonly Value[]) => evaluate(gradients(weighted(outputs, seeds), floats), numbers);
    expectAllClose(gradientsOf(built.outputs), gradientsOf(definitions));
  },
);

test('some ops have definitions', () => expect(defined.length).toBeGreaterThan(0));

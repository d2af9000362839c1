/** Ops with a definition in other ops: the rule and its definition agree, forward and gradient, in float64. */
import { gradients } from '../lib/compiler/differentiate';
import type { Value } from '../lib/graph/value';
import { feed } from '../lib/ops/source';
import { evaluate, type Numbers, tensor64, widen } from '../lib/reference';
import { buildCase, cases } from './cases';
import { expectClose, F64 } from './closeness';

const defined = cases.flatMap((opCase) => {
  const built = buildCase(opCase);
  const [output] = built.outputs as [Value];
  const { node } = output;
  return node.op.define && built.outputs.length === 1 ? [{ name: opCase.name, opCase, built, output, node }] : [];
});

test.each(defined.map((entry) => [entry.name, entry] as const))(
  '%s equals its definition',
  (_, { opCase, built, output, node }) => {
    const definition = [node.op.define?.(node.inputs, node.attributes as never)].flat()[output.index] as Value;
    const feeds: Numbers = new Map(Object.entries(built.tensors).map(([name, tensor]) => [name, widen(tensor)]));
    const [actual, expected] = evaluate([output, definition], feeds);
    if (!actual || !expected) throw new Error('no result');
    const isOrdinary = expected.data.every(Number.isFinite);
    if (isOrdinary) expectClose(actual, expected, F64);
    if (!opCase.differentiable) return;

    const seed = feed('seed', output.shape);
    const numbers = new Map(feeds).set(
      'seed',
      tensor64(
        [...actual.data.keys()].map((i) => Math.sin(i + 1)),
        output.shape,
      ),
    );
    const floats = built.inputs.filter((input) => input.dtype === 'float32');
    const [rule, spelled] = [output, definition].map((value) => evaluate(gradients(value, floats, seed), numbers));
    spelled?.forEach((gradient, i) => {
      expectClose(rule?.[i] as typeof gradient, gradient, F64);
    });
  },
);

test('some ops have definitions', () => expect(defined.length).toBeGreaterThan(0));

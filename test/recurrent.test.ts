/** Recurrent ops: what they refuse, and what they leave out where no gradient is wanted. */
import { compile } from '../lib/compiler/compile';
import { gradients } from '../lib/compiler/differentiate';
import type { DType, Shape } from '../lib/graph/tensor';
import type { Value } from '../lib/graph/value';
import { gru } from '../lib/ops/gru';
import { lstm } from '../lib/ops/lstm';
import { sum } from '../lib/ops/reduce';
import { feed } from '../lib/ops/source';
import { runNative } from './native-run';

const floats = (...shape: number[]): Value => feed('x', shape);
const of = (dtype: DType, ...shape: number[]): Value => feed('x', shape, dtype);

describe('lstm refuses', () => {
  const good = (): [Value, Value, Value, Value] => [floats(2, 3, 20), floats(2, 5), floats(2, 5), floats(5, 20)];
  const withOne = (i: number, value: Value): [Value, Value, Value, Value] =>
    good().map((own, j) => (i === j ? value : own)) as [Value, Value, Value, Value];

  test.each<[string, () => unknown, string]>([
    ['flat gates', () => lstm(...withOne(0, floats(2, 20))), 'lstm: expected the gates to be [N, T, 4 H] but got'],
    ['gates of no fourth', () => lstm(...withOne(0, floats(2, 3, 21))), 'the gates to be [N, T, 4 H] with T and H'],
    ['no steps', () => lstm(...withOne(0, floats(2, 0, 20))), 'with T and H of 1 or more'],
    ['integers', () => lstm(...withOne(0, of('int32', 2, 3, 20))), 'the gates to be float32'],
    ['another batch', () => lstm(...withOne(1, floats(3, 5))), 'the hidden state to be [2, 5]'],
    ['another cell', () => lstm(...withOne(2, floats(2, 4))), 'the cell state to be [2, 5]'],
    ['another weight', () => lstm(...withOne(3, floats(20, 5))), 'the weight to be [5, 20]'],
    ['float lengths', () => lstm(...good(), { lengths: floats(2) }), 'the lengths to be int32'],
    ['few lengths', () => lstm(...good(), { lengths: of('int32', 1) }), 'the lengths to be [2]'],
    ['options it has not', () => lstm(...good(), { backwards: true } as never), "'backwards'"],
  ])('%s', (_, build, message) => expect(build).toThrow(message));
});

describe('gru refuses', () => {
  const good = (): [Value, Value, Value, Value] => [floats(2, 3, 15), floats(2, 5), floats(5, 15), floats(5)];
  const withOne = (i: number, value: Value): [Value, Value, Value, Value] =>
    good().map((own, j) => (i === j ? value : own)) as [Value, Value, Value, Value];

  test.each<[string, () => unknown, string]>([
    ['gates of no third', () => gru(...withOne(0, floats(2, 3, 16))), 'gru: expected the gates to be [N, T, 3 H] with'],
    ['another batch', () => gru(...withOne(1, floats(3, 5))), 'the hidden state to be [2, 5]'],
    ['another weight', () => gru(...withOne(2, floats(5, 20))), 'the weight to be [5, 15]'],
    ['another bias', () => gru(...withOne(3, floats(15))), 'the bias to be [5]'],
    ['few lengths', () => gru(...good(), { lengths: of('int32', 1) }), 'the lengths to be [2]'],
    ['options it has not', () => gru(...good(), { backwards: true } as never), "'backwards'"],
  ])('%s', (_, build, message) => expect(build).toThrow(message));
});

const named = (name: string, ...shape: number[]): Value => feed(name, shape);
const lstmOf = (): { inputs: Value[]; output: Value } => {
  const inputs = [named('gates', 2, 3, 20), named('h0', 2, 5), named('c0', 2, 5), named('weight', 5, 20)];
  return { inputs, output: lstm(...(inputs as [Value, Value, Value, Value])).output };
};

test('a length beyond the sequence fails while it runs', async () => {
  const lengths = feed('lengths', [2], 'int32');
  const { inputs } = lstmOf();
  const { output } = lstm(...(inputs as [Value, Value, Value, Value]), { lengths });
  const zeros = (shape: Shape) => ({
    dtype: 'float32' as const,
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });
  const tensors = {
    gates: zeros([2, 3, 20]),
    h0: zeros([2, 5]),
    c0: zeros([2, 5]),
    weight: zeros([5, 20]),
    lengths: { dtype: 'int32' as const, shape: [2], data: Int32Array.of(3, 4) },
  };
  await expect(runNative([output], tensors)).rejects.toThrow('every length to be between 0 and 3 but got 4');
});

test('a second derivative is refused with a sentence', () => {
  const { inputs, output } = lstmOf();
  const [first] = gradients(sum(output), inputs) as [Value];
  expect(() => gradients(sum(first), inputs)).toThrow(
    'gradients: expected every op to be differentiable but got lstmGrad, which has no gradient rule',
  );
});

describe('activations', () => {
  const outputsOf = (outputs: Record<string, Value>, feeds: Value[]) =>
    compile({ outputs, feeds })
      .steps.flatMap((step) => step.parts ?? [step])
      .find(({ kernel }) => kernel === 'lstm')
      ?.outputs.map(({ shape }) => shape);

  test('are left out where no gradient is wanted', () => {
    const { inputs, output } = lstmOf();
    expect(outputsOf({ output }, inputs)).toEqual([[2, 3, 5], [2, 5], [2, 5], [0], [0]]);
  });

  test('are kept for a gradient', () => {
    const { inputs, output } = lstmOf();
    const [gradient] = gradients(sum(output), inputs) as [Value];
    expect(outputsOf({ gradient }, inputs)).toEqual([
      [2, 3, 5],
      [2, 5],
      [2, 5],
      [2, 3, 20],
      [2, 3, 5],
    ]);
  });
});

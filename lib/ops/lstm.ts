/** The recurrent part of an LSTM as one op over all steps. */
import { defineOp } from '../graph/define-op';
import type { Value } from '../graph/value';
import { lstmSteps } from './lstm-steps';
import { matmul } from './matmul';
import {
  encodeRecurrent,
  encodeRecurrentGrad,
  expectFloats,
  expectGates,
  expectLengths,
  floats,
  gradientOperands,
  lengthsOf,
  previousStates,
  type RecurrentAttributes,
  type RecurrentGradAttributes,
  type RecurrentOptions,
  resolveRecurrent,
  weightGradient,
} from './recurrent';

/** c' = f c + i g, h' = o tanh(c'); outputs: h of all steps, the last h and c, and for the gradient all gates and c. */
const lstmOp = defineOp<RecurrentAttributes>({
  name: 'lstm',
  kind: 'kernel',
  infer: (inputs, attributes) => {
    const [gates, h0, c0, weight] = inputs as [Value, Value, Value, Value];
    const [n, steps, hidden] = expectGates('lstm', gates, 4);
    expectFloats('lstm', 'the hidden state', h0, [n, hidden]);
    expectFloats('lstm', 'the cell state', c0, [n, hidden]);
    expectFloats('lstm', 'the weight', weight, [hidden, 4 * hidden]);
    expectLengths('lstm', lengthsOf(inputs, attributes), n);
    const state = floats(n, hidden);
    return [floats(n, steps, hidden), state, state, floats(n, steps, 4 * hidden), floats(n, steps, hidden)];
  },
  optionalFrom: 3,
  gradient: ({ inputs, outputs: [output, , , activations, cells], attributes }, gradients) => {
    const [, h0, c0, weight] = inputs as [Value, Value, Value, Value];
    const lengths = lengthsOf(inputs, attributes);
    const kept = [activations as Value, cells as Value, c0, weight];
    const node = lstmGradOp(...gradientOperands(kept, gradients.slice(0, 3), lengths, attributes));
    const [dgates, dh0, dc0] = node.outputs as [Value, Value, Value];
    const previous = previousStates(h0, output as Value, attributes.reverse, lengths);
    return [dgates, dh0, dc0, weightGradient(previous, dgates), ...(lengths ? [null] : [])];
  },
  encode: encodeRecurrent,
  define: (inputs, attributes) => lstmSteps(inputs, attributes, (h) => matmul(h, inputs[3] as Value)),
});

/** The gradients of gates, h0 and c0; `has` tells which of the gradients of output, hidden and cell, and lengths, follow. */
const lstmGradOp = defineOp<RecurrentGradAttributes>({
  name: 'lstmGrad',
  kind: 'kernel',
  infer: ([activations, , c0]) => [activations as Value, c0 as Value, c0 as Value],
  encode: encodeRecurrentGrad,
});

/** What `lstm` gives. */
export interface LstmResult {
  /** The hidden state behind every step, [N, T, H]. */
  readonly output: Value;
  /** The hidden state behind the last step, [N, H]. */
  readonly hidden: Value;
  /** The cell state behind the last step, [N, H]. */
  readonly cell: Value;
}

/**
 * A long short-term memory over time (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), without
 * its product with the input, which is one `matmul` for all steps: c' = f c + i g, h' = o tanh(c'), where the
 * pre-activations of i, f, g, o are gates + h.weight, i, f, o = sigmoid and g = tanh. May be differentiated once; for
 * higher derivatives write the cell with `scan`.
 *
 * @param gates x.weight + bias of every step, float32 [N, T, 4H] in the order i, f, g, o
 * @param h0 first hidden state [N, H]
 * @param c0 first cell state [N, H]
 * @param weight of the hidden state, [H, 4H]
 * @throws ConvoltError `SHAPE` or `DTYPE` when the values do not fit together; `VALUE` while it runs when a length is not
 *   between 0 and T
 * @example
 * const gates = ops.add(ops.matmul(x, inputWeight), bias); // [N, T, 4H]
 * const { output } = ops.lstm(gates, h0, c0, weight);
 */
export function lstm(gates: Value, h0: Value, c0: Value, weight: Value, options: RecurrentOptions = {}): LstmResult {
  const { attributes, lengths } = resolveRecurrent('lstm', options);
  const [output, hidden, cell] = lstmOp([gates, h0, c0, weight, ...lengths], attributes).outputs as [
    Value,
    Value,
    Value,
  ];
  return { output, hidden, cell };
}

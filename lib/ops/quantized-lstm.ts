/** The recurrent part of an LSTM with weights of one byte, for inference. */
import { defineOp, expectDType } from '../graph/define-op';
import { expect } from '../graph/errors';
import { sameShape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import type { LstmResult } from './lstm';
import { lstmSteps } from './lstm-steps';
import { quantizeLinear } from './quantize-linear';
import { quantizedMatmul } from './quantized-matmul';
import {
  encodeRecurrent,
  expectFloats,
  expectGates,
  expectLengths,
  floats,
  lengthsOf,
  type RecurrentAttributes,
  type RecurrentOptions,
  resolveRecurrent,
} from './recurrent';
import { constant } from './source';

/** Hidden states lie between -1 and 1: byte q stands for (q - 128) / 127. */
export const hiddenQuantization = { scale: 1 / 127, zeroPoint: 128 } as const;

/** c' = f c + i g, h' = o tanh(c'), where gates + float(sum of (q - 128) * weight) * scale are those of i, f, g, o. */
const quantizedLstmOp = defineOp<RecurrentAttributes>({
  name: 'quantizedLstm',
  kind: 'kernel',
  infer: (inputs, attributes) => {
    const [gates, h0, c0, weight, scale] = inputs as [Value, Value, Value, Value, Value];
    const [n, steps, hidden] = expectGates('quantizedLstm', gates, 4);
    expectFloats('quantizedLstm', 'the hidden state', h0, [n, hidden]);
    expectFloats('quantizedLstm', 'the cell state', c0, [n, hidden]);
    expectDType('quantizedLstm', 'the weight', weight, 'int8');
    expect(sameShape(weight.shape, [hidden, 4 * hidden]), 'SHAPE', () => ({
      where: 'quantizedLstm',
      what: 'the weight',
      expected: showShape([hidden, 4 * hidden]),
      actual: showShape(weight.shape),
    }));
    expectFloats('quantizedLstm', 'the scale', scale, [4 * hidden]);
    expectLengths('quantizedLstm', lengthsOf(inputs, attributes), n);
    return [floats(n, steps, hidden), floats(n, hidden), floats(n, hidden)];
  },
  encode: encodeRecurrent,
  define: (inputs, attributes) => {
    const [weight, scale] = inputs.slice(3) as [Value, Value];
    const bias = constant(new Int32Array(weight.shape[1] as number));
    const { zeroPoint: inputZero } = hiddenQuantization;
    return lstmSteps(inputs, attributes, (h) =>
      quantizedMatmul(quantizeLinear(h, hiddenQuantization), weight, bias, scale, { inputZero }),
    );
  },
});

/**
 * `lstm` with weights of one byte: in every step the hidden state, which lies between -1 and 1, is rounded to 127ths, and
 * its product with the weights is exact in int32. The gates, the cell state and the outputs are float32. It has no
 * gradient: it is what a trained layer becomes.
 *
 * @param gates x.weight + bias of every step, float32 [N, T, 4H] in the order i, f, g, o
 * @param h0 first hidden state [N, H], within -1 and 1
 * @param c0 first cell state [N, H]
 * @param weight of the hidden state, int8 [H, 4H]
 * @param scale what one unit of a product stands for: (scale of the weight's column) / 127, float32 [4H]
 * @throws ConvoltError `SHAPE` or `DTYPE` when the values do not fit together; `VALUE` while it runs when a length is not
 *   between 0 and T
 * @example
 * const { output } = ops.quantizedLstm(gates, h0, c0, bytes, scale); // bytes * scale * 127 is about the float weight
 */
export function quantizedLstm(
  gates: Value,
  h0: Value,
  c0: Value,
  weight: Value,
  scale: Value,
  options: RecurrentOptions = {},
): LstmResult {
  const { attributes, lengths } = resolveRecurrent('quantizedLstm', options);
  const [output, hidden, cell] = quantizedLstmOp([gates, h0, c0, weight, scale, ...lengths], attributes).outputs as [
    Value,
    Value,
    Value,
  ];
  return { output, hidden, cell };
}

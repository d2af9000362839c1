/** The loop that defines an LSTM, of floats and of bytes. */
import type { Value } from '../graph/value';
import { split } from './concat';
import { add, mul, sigmoid, tanh, where } from './elementwise';
import { gatesOfSteps, lengthsOf, type RecurrentAttributes } from './recurrent';
import { scan } from './scan';

/** All steps, where `product` multiplies the hidden state [N, H] with the weights; the first inputs are gates, h0 and c0. */
export function lstmSteps(
  inputs: readonly Value[],
  attributes: RecurrentAttributes,
  product: (h: Value) => Value,
): Value[] {
  const [gates, h0, c0] = inputs as [Value, Value, Value];
  const { state, outputs } = scan(
    ({ h, c }: { h: Value; c: Value }, x: { gates: Value; valid?: Value }) => {
      const [i, f, g, o] = split(add(x.gates, product(h)), 4, { axis: -1 }) as [Value, Value, Value, Value];
      const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
      const hidden = mul(sigmoid(o), tanh(cell));
      if (!x.valid) return { state: { h: hidden, c: cell }, output: hidden };
      return {
        state: { h: where(x.valid, hidden, h), c: where(x.valid, cell, c) },
        output: where(x.valid, hidden, 0),
      };
    },
    { h: h0, c: c0 },
    gatesOfSteps(gates, lengthsOf(inputs, attributes)),
    { reverse: attributes.reverse },
  );
  return [outputs, state.h, state.c];
}

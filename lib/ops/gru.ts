/** The recurrent part of a GRU as one op over all steps. */
import { defineOp } from '../graph/define-op';
import type { Value } from '../graph/value';
import { split } from './concat';
import { add, mul, sigmoid, sub, tanh, where } from './elementwise';
import { matmul } from './matmul';
import {
  encodeRecurrent,
  encodeRecurrentGrad,
  expectFloats,
  expectGates,
  expectLengths,
  floats,
  gatesOfSteps,
  gradientOperands,
  lengthsOf,
  previousStates,
  type RecurrentAttributes,
  type RecurrentGradAttributes,
  type RecurrentOptions,
  resolveRecurrent,
  weightGradient,
} from './recurrent';
import { sum } from './reduce';
import { scan } from './scan';
import { slice } from './slice';

/** h' = (1 - z) n + z h; outputs: h of all steps, the last h, and for the gradient r, z, n and h.W_n + bias. */
const gruOp = defineOp<RecurrentAttributes>({
  name: 'gru',
  kind: 'kernel',
  infer: (inputs, attributes) => {
    const [gates, h0, weight, bias] = inputs as [Value, Value, Value, Value];
    const [n, steps, hidden] = expectGates('gru', gates, 3);
    expectFloats('gru', 'the hidden state', h0, [n, hidden]);
    expectFloats('gru', 'the weight', weight, [hidden, 3 * hidden]);
    expectFloats('gru', 'the bias', bias, [hidden]);
    expectLengths('gru', lengthsOf(inputs, attributes), n);
    return [floats(n, steps, hidden), floats(n, hidden), floats(n, steps, 4 * hidden)];
  },
  optionalFrom: 2,
  gradient: ({ inputs, outputs: [output, , activations], attributes }, gradients) => {
    const [, h0, weight] = inputs as [Value, Value, Value, Value];
    const lengths = lengthsOf(inputs, attributes);
    const kept = [activations as Value, output as Value, h0, weight];
    const node = gruGradOp(...gradientOperands(kept, gradients.slice(0, 2), lengths, attributes));
    const [dgates, dproduct, dh0] = node.outputs as [Value, Value, Value];
    const [n, steps, hidden] = (output as Value).shape as [number, number, number];
    const previous = previousStates(h0, output as Value, attributes.reverse, lengths);
    const ofCandidate = slice(dproduct, { begin: [0, 0, 2 * hidden], size: [n, steps, hidden] });
    return [
      dgates,
      dh0,
      weightGradient(previous, dproduct),
      sum(ofCandidate, { axes: [0, 1] }),
      ...(lengths ? [null] : []),
    ];
  },
  encode: encodeRecurrent,
  define: (inputs, attributes) => {
    const [gates, h0, weight, bias] = inputs as [Value, Value, Value, Value];
    const lengths = lengthsOf(inputs, attributes);
    const { state, outputs } = scan(
      (h: Value, x: { gates: Value; valid?: Value }) => {
        const [gr, gz, gn] = split(x.gates, 3, { axis: -1 }) as [Value, Value, Value];
        const [pr, pz, pn] = split(matmul(h, weight), 3, { axis: -1 }) as [Value, Value, Value];
        const z = sigmoid(add(gz, pz));
        const candidate = tanh(add(gn, mul(sigmoid(add(gr, pr)), add(pn, bias))));
        const next = add(mul(sub(1, z), candidate), mul(z, h));
        if (!x.valid) return { state: next, output: next };
        return { state: where(x.valid, next, h), output: where(x.valid, next, 0) };
      },
      h0,
      gatesOfSteps(gates, lengths),
      { reverse: attributes.reverse },
    );
    return [outputs, state];
  },
});

/** The gradients of gates, of h.weight and of h0; `has` tells which of the gradients of output and hidden, and lengths, follow. */
const gruGradOp = defineOp<RecurrentGradAttributes>({
  name: 'gruGrad',
  kind: 'kernel',
  infer: ([, output, h0]) => {
    const [n, steps, hidden] = (output as Value).shape as [number, number, number];
    const gates = floats(n, steps, 3 * hidden);
    return [gates, gates, h0 as Value];
  },
  encode: encodeRecurrentGrad,
});

/** What `gru` gives. */
export interface GruResult {
  /** The hidden state behind every step, [N, T, H]. */
  readonly output: Value;
  /** The hidden state behind the last step, [N, H]. */
  readonly hidden: Value;
}

/**
 * A gated recurrent unit over time (Cho et al. 2014; the reset gate follows the product, as in the first version of the
 * paper and in cuDNN), without its product with the input, which is one `matmul` for all steps:
 * r, z = sigmoid(gates + h.weight), n = tanh(gates_n + r (h.weight_n + bias)), h' = (1 - z) n + z h. May be differentiated
 * once; for higher derivatives write the cell with `scan`.
 *
 * @param gates x.weight + bias of every step, float32 [N, T, 3H] in the order r, z, n
 * @param h0 first hidden state [N, H]
 * @param weight of the hidden state, [H, 3H]
 * @param bias of the candidate's product inside the reset gate, [H]
 * @throws ConvoltError `SHAPE` or `DTYPE` when the values do not fit together; `VALUE` while it runs when a length is not
 *   between 0 and T
 * @example
 * const gates = ops.add(ops.matmul(x, inputWeight), inputBias); // [N, T, 3H]
 * const { output } = ops.gru(gates, h0, weight, bias);
 */
export function gru(gates: Value, h0: Value, weight: Value, bias: Value, options: RecurrentOptions = {}): GruResult {
  const { attributes, lengths } = resolveRecurrent('gru', options);
  const [output, hidden] = gruOp([gates, h0, weight, bias, ...lengths], attributes).outputs as [Value, Value];
  return { output, hidden };
}

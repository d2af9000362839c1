/** A recurrent layer written out, and a small character model of it, for tests of streams. */
import { layers, ops, type Scope, type Value } from '../../lib';
import { randomNormal } from '../../lib/ops/random';

const { embedding, dense, layer, sequential } = layers;

const normal = (scale: number) => (shape: readonly number[], key: Value) => ops.mul(randomNormal(key, shape), scale);

/** An LSTM over [N, T, F] that carries its hidden and cell values. */
export const lstmLayer = (units: number) =>
  layer('lstm', (x: Value, scope: Scope) => {
    const [n, , features] = x.shape as [number, number, number];
    const inputWeight = scope.param('inputWeight', [features, 4 * units], normal(0.3));
    const weight = scope.param('weight', [units, 4 * units], normal(0.3));
    const bias = scope.param('bias', [4 * units], normal(0.1));
    const gates = ops.add(ops.matmul(x, inputWeight), bias);
    const zeros = ops.broadcastTo(ops.constant(0, 'float32'), [n, units]);
    const begin = { hidden: scope.carried('hidden', zeros), cell: scope.carried('cell', zeros) };
    const { state, outputs } = ops.scan(
      ({ hidden, cell }: { hidden: Value; cell: Value }, g: Value) => {
        const [i, f, c, o] = ops.split(ops.add(g, ops.matmul(hidden, weight)), 4, { axis: -1 }) as [
          Value,
          Value,
          Value,
          Value,
        ];
        const next = ops.add(ops.mul(ops.sigmoid(f), cell), ops.mul(ops.sigmoid(i), ops.tanh(c)));
        const output = ops.mul(ops.sigmoid(o), ops.tanh(next));
        return { state: { hidden: output, cell: next }, output };
      },
      begin,
      gates,
    );
    scope.carry(begin.hidden, state.hidden);
    scope.carry(begin.cell, state.cell);
    return outputs;
  });

/** int32 [N, T] to logits [N, T, vocabulary]. */
export const languageModel = (vocabulary: number, features: number, units: number, depth = 2) =>
  sequential(
    embedding(vocabulary, features),
    ...Array.from({ length: depth }, () => lstmLayer(units)),
    dense(vocabulary),
  );

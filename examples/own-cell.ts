/** A recurrent cell of your own, a minimal gated unit (Zhou et al. 2016), reads digits row by row. */
import {
  data,
  evaluate,
  fit,
  initializers,
  layers,
  losses,
  metrics,
  ops,
  optimizers,
  Session,
  type Value,
} from '../lib';

const { dense, recurrent, reshape, sequential, zeroState } = layers;
const { add, matmul, mul, sigmoid, split, sub, tanh } = ops;

/** f = sigmoid(u_f + h W_f), h' = (1 - f) h + f tanh(u_n + h W_n), where u is computed for all steps at once. */
const minimalGated = (units: number, options: layers.RecurrentOptions = {}) =>
  recurrent(
    'minimalGated',
    (x, scope) => {
      const weight = scope.param('recurrent.weight', [units, 2 * units], initializers.xavierUniform());
      const cell = (h: Value, u: Value) => {
        const [forget, candidate] = split(add(u, matmul(h, weight)), 2, { axis: -1 }) as [Value, Value];
        const f = sigmoid(forget);
        const next = add(mul(sub(1, f), h), mul(f, tanh(candidate)));
        return { state: next, output: next };
      };
      return { sequence: dense(2 * units)(x, scope), state: zeroState(x, units), cell };
    },
    options,
  );

/** Trains it in both directions and returns the test accuracy. */
export async function main(): Promise<number> {
  const both = minimalGated(24, { bidirectional: true, sequences: false });
  const session = new Session(sequential(reshape(8, 8), both, dense(10)), {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.adam({ rate: 0.01 }),
    seed: 1,
  });
  const { train, test } = data.digitsSplit();
  await fit(session, train, { epochs: 15 });
  const { accuracy } = await evaluate(session, test);
  session.dispose();
  console.log(`a minimal gated unit reads digits row by row: ${((accuracy as number) * 100).toFixed(1)} % right`);
  return accuracy as number;
}

if (require.main === module) main();

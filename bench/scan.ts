/** A long short-term memory whose cell is written by hand, as users write theirs, and run by `scan`. */
import { gradients, ops, Program, Store, type Value } from '../lib';
import { firstElements, randomState } from './kernels';
import { measure, print, summarize } from './timing';

const { add, matmul, mul, sigmoid, split, tanh } = ops;

/** Outputs of all steps. */
function lstm(x: Value, weights: readonly Value[], hidden: Value, memory: Value): Value {
  const [wx, wh, b] = weights as [Value, Value, Value];
  const { outputs } = ops.scan(
    ({ h, c }, part: Value) => {
      const gates = add(add(matmul(part, wx), matmul(h, wh)), b);
      const [i, f, g, o] = split(gates, 4, { axis: -1 }) as [Value, Value, Value, Value];
      const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
      const output = mul(sigmoid(o), tanh(next));
      return { state: { h: output, c: next }, output };
    },
    { h: hidden, c: memory },
    x,
  );
  return outputs;
}

/** `shape` = N,T,F,H; the gradients are those of the sum of all outputs to all weights. */
export async function benchScan(
  shape: readonly number[],
  pass: 'fwd' | 'fwdbwd',
  threads: number,
  json: boolean,
): Promise<void> {
  const [n, t, f, h] = shape as [number, number, number, number];
  const store = new Store();
  const x = randomState(store, 'x', [n, t, f]);
  const scaled = (name: string, rows: number) => ops.mul(randomState(store, name, [rows, 4 * h]), rows ** -0.5);
  const weights = [scaled('wx', f), scaled('wh', h), randomState(store, 'b', [4 * h])];
  const outputs = lstm(x, weights, randomState(store, 'h', [n, h]), randomState(store, 'c', [n, h]));
  const slopes = pass === 'fwd' ? [] : gradients(ops.sum(outputs), weights);
  const program = new Program(store, { outputs: firstElements([outputs, ...slopes]) });
  if (process.env.CONVOLT_EXPLAIN) console.log(program.explain());
  const times = await measure(async () => {
    await program.run();
    return undefined;
  }, 3);
  for (const { label, nanoseconds, calls } of program.profile()) {
    console.log(
      `${label.padEnd(70)} ${(nanoseconds / 1e6).toFixed(1)} ms  ${calls} calls  ${(nanoseconds / calls / 1e3).toFixed(2)} us`,
    );
  }
  program.dispose();
  store.dispose();
  const timing = summarize(`scan ${shape.join()} ${pass}`, threads, times);
  print(timing, json, { us_per_turn: Number(((timing.median_ms * 1e3) / t).toFixed(2)) });
}

/** Layers of LSTM or GRU: predictions with constant weights, and training steps (mean square, SGD with momentum). */
import { gradients, ops, Program, Store, type Tensor, tensor, type Value } from '../lib';
import { hostNormal } from '../lib/graph/philox';
import { measure, peakMemory, print, summarize } from './timing';

export type Recurrent = 'lstm' | 'gru';
export type Pass = 'fwd' | 'fwdbwd';

const gatesOf: Readonly<Record<Recurrent, number>> = { lstm: 4, gru: 3 };

/** Gives each weight by its path, as a constant or as a state. */
type Weights = (path: string, shape: readonly number[]) => Value;

const scaled = (path: string, shape: readonly number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  const numbers = hostNormal([path.length, size], size);
  return tensor(
    numbers.map((number) => number / Math.sqrt(shape[0] as number)),
    shape,
  );
};

function layersOf(kind: Recurrent, layers: number, x: Value, hidden: number, weights: Weights): Value {
  const gates = gatesOf[kind];
  let y = x;
  for (let layer = 0; layer < layers; layer++) {
    const features = y.shape.at(-1) as number;
    const product = ops.matmul(y, weights(`${layer}/input`, [features, gates * hidden]));
    const given = ops.add(product, weights(`${layer}/bias`, [gates * hidden]));
    const weight = weights(`${layer}/weight`, [hidden, gates * hidden]);
    const zeros = ops.broadcastTo(ops.constant(0), [x.shape[0] as number, hidden]);
    y =
      kind === 'lstm'
        ? ops.lstm(given, zeros, zeros, weight).output
        : ops.gru(given, zeros, weight, weights(`${layer}/inner`, [hidden])).output;
  }
  return y;
}

/** A program of one pass; its output is one number. */
function programOf(kind: Recurrent, shape: readonly number[], layers: number, pass: Pass, store: Store): Program {
  const [n, steps, features, hidden] = shape as [number, number, number, number];
  const state = (path: string, size: readonly number[]): Value => {
    store.declare(path, { dtype: 'float32', shape: size });
    store.write(path, scaled(path, size));
    return ops.state(path, size);
  };
  const x = state('x', [n, steps, features]);
  if (pass === 'fwd') {
    const y = layersOf(kind, layers, x, hidden, (path, size) => ops.constant(scaled(path, size)));
    return new Program(store, { outputs: { last: ops.slice(y, { begin: [0, -1, 0], size: [n, 1, hidden] }) } });
  }
  const weights: Value[] = [];
  const y = layersOf(kind, layers, x, hidden, (path, size) => {
    weights.push(state(path, size));
    return weights.at(-1) as Value;
  });
  const loss = ops.mean(ops.mul(y, y));
  const updates = gradients(loss, weights).flatMap((gradient, i) => {
    const weight = weights[i] as Value;
    const velocity = state(`velocity/${i}`, weight.shape);
    const next = ops.add(ops.mul(velocity, 0.9), ops.add(gradient, ops.mul(weight, 5e-4)));
    return [
      { state: velocity, next },
      { state: weight, next: ops.sub(weight, ops.mul(next, 0.05)) },
    ];
  });
  return new Program(store, { outputs: { loss }, updates });
}

/** `shape` = N,T,F,H. */
export async function benchRecurrent(
  kind: Recurrent,
  shape: readonly number[],
  layers: number,
  pass: Pass,
  threads: number,
  json: boolean,
): Promise<void> {
  const store = new Store();
  const program = programOf(kind, shape, layers, pass, store);
  const times = await measure(async () => {
    await program.run();
    return undefined;
  });
  if (process.env.CONVOLT_PROFILE) {
    for (const { label, nanoseconds, calls } of program.profile()) {
      console.error(`${(nanoseconds / 1e6 / calls).toFixed(3).padStart(9)} ms  ${label}`);
    }
  }
  program.dispose();
  store.dispose();
  print(summarize(`${kind} ${shape.join()} x${layers} ${pass}`, threads, times), json, peakMemory());
}

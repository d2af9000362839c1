/** Native memory of whatever holds some: while it is held, right after dispose(), and when it was forgotten instead. */
import { layers, losses, nativeBytes, optimizers, Program, Session, Store, tensor } from '../../lib';
import { add } from '../../lib/ops/elementwise';
import { feed, state } from '../../lib/ops/source';
import { input, target } from './tiny';

interface Holder {
  dispose(): void;
}

const step = tensor(new Float32Array(512), [1, 1, 512]);
const numbers = { dtype: 'float32', shape: [1 << 20] } as const;

async function session(): Promise<Session> {
  const made = new Session(layers.sequential(layers.dense(1 << 17), layers.relu(), layers.dense(4)), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.sgd({ rate: 0.01 }),
  });
  await made.step(input, target);
  return made;
}

const holders: Record<string, () => Promise<Holder>> = {
  session,
  async inferenceModel() {
    const source = await session();
    const model = await source.compileForInference(input);
    await model.predict(input);
    source.dispose();
    return model;
  },
  async streamingModel() {
    const source = new Session(layers.sequential(layers.gru({ units: 512 }), layers.dense(2048)));
    const model = await source.compileForStreaming({ dtype: 'float32', shape: [1, 1, 512] });
    source.dispose();
    const stream = await model.stream();
    await stream.step(step);
    stream.dispose();
    return model;
  },
  async store() {
    const made = new Store();
    made.declare('numbers', numbers);
    return made;
  },
  async program() {
    const store = new Store();
    store.declare('numbers', numbers);
    const sum = add(state('numbers', numbers.shape), feed('numbers', numbers.shape));
    const made = new Program(store, { outputs: { sum }, feeds: [feed('numbers', numbers.shape)] });
    await made.run({ numbers: new Float32Array(1 << 20) });
    store.dispose();
    return made;
  },
};

/** Lets the garbage collector, and the finalizers that it asks for, run. */
async function collect(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Made in a function of its own, so that nothing here holds it. */
async function forget(make: () => Promise<Holder>): Promise<void> {
  await make();
}

async function main(): Promise<void> {
  const result: Record<string, number[][]> = {};
  for (const [name, make] of Object.entries(holders)) {
    await collect();
    const counts = [nativeBytes, () => process.memoryUsage().external];
    const before = counts.map((count) => count());
    const grown = (): number[] => counts.map((count, i) => count() - (before[i] as number));
    const holder = await make();
    const held = grown();
    holder.dispose();
    holder.dispose();
    const left = grown();
    await forget(make);
    await collect();
    result[name] = [held, left, grown()];
  }
  console.log(JSON.stringify(result));
}

main();

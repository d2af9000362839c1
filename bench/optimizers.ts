/** Updates of ten million parameters by each optimizer, against the time that their reads and writes take. */
import { ops, optimizers, Program, Scope, Store, type Value } from '../lib';
import { hostNormal } from '../lib/graph/philox';
import { Trace } from '../lib/graph/scope';
import type { Transform } from '../lib/optimizers';
import { measure, median, print, summarize } from './timing';

const { adadelta, adagrad, adam, adamw, rmsprop, sgd } = optimizers;

/** The optimizer, and how many numbers it reads and writes per parameter. */
export const optimizerCases: Readonly<Record<string, { optimizer: Transform; streams: number }>> = {
  sgd: { optimizer: sgd({ rate: 1e-3 }), streams: 3 },
  momentum: { optimizer: sgd({ rate: 1e-3, momentum: 0.9 }), streams: 5 },
  'momentum-torch': { optimizer: sgd({ rate: 1e-3, momentum: 0.9, form: 'torch' }), streams: 5 },
  nesterov: { optimizer: sgd({ rate: 1e-3, momentum: 0.9, nesterov: true }), streams: 5 },
  'momentum-decay': { optimizer: sgd({ rate: 1e-3, momentum: 0.9, weightDecay: 1e-4 }), streams: 5 },
  adagrad: { optimizer: adagrad(), streams: 5 },
  'adagrad-outside': { optimizer: adagrad({ epsilonMode: 'outside' }), streams: 5 },
  rmsprop: { optimizer: rmsprop(), streams: 5 },
  'rmsprop-outside': { optimizer: rmsprop({ epsilonMode: 'outside' }), streams: 5 },
  adadelta: { optimizer: adadelta(), streams: 7 },
  adam: { optimizer: adam(), streams: 7 },
  'adam-inside': { optimizer: adam({ epsilonMode: 'inside' }), streams: 7 },
  'adam-decay': { optimizer: adam({ weightDecay: 1e-4 }), streams: 7 },
  adamw: { optimizer: adamw(), streams: 7 },
};

const count = 10_000_000;

/** A store with parameters and gradients, and a program that updates what `trace` and `updates` say. */
function open(optimizer: Transform, size = count): { store: Store; program: Program } {
  const store = new Store();
  const numbers = hostNormal([1, 2], size);
  const resident = (path: string): Value => {
    store.declare(path, { dtype: 'float32', shape: [size] });
    store.write(path, { dtype: 'float32', shape: [size], data: numbers });
    return ops.state(path, [size]);
  };
  const [parameter, gradient] = [resident('w'), resident('g')];
  const trace = new Trace({ state: ops.state, nextKey: ops.splitKey }, true);
  const moved = optimizer(new Map([['w', gradient]]), new Map([['w', parameter]]), new Scope(trace, 'optimizer'));
  const updates = [...trace.updates].map(([path, next]) => ({ state: declared(trace, store, path), next }));
  updates.push({ state: parameter, next: ops.add(parameter, moved.get('w') as Value) });
  return { store, program: new Program(store, { outputs: {}, updates }) };
}

/** A state of the optimizer, zeros at first, as it is anyway in a new store. */
function declared(trace: Trace, store: Store, path: string): Value {
  const declaration = trace.declarations.get(path);
  if (!declaration) throw new Error(`bench optimizers: no state ${path}`);
  store.declare(path, declaration);
  return declaration.value;
}

async function milliseconds({ store, program }: ReturnType<typeof open>, seconds: number): Promise<number[]> {
  if (process.env.CONVOLT_EXPLAIN) console.log(program.explain());
  const times = await measure(async () => {
    await program.run();
    return undefined;
  }, seconds);
  program.dispose();
  store.dispose();
  return times;
}

/** Prints per optimizer its time, its bandwidth, and its time over that of as many bytes moved in place. */
export async function benchOptimizers(names: readonly string[], threads: number, json: boolean): Promise<void> {
  // w <- w * c over as many bytes as Adam moves: the fastest way to change memory that no cache holds.
  const scale: Transform = (_, parameters) => new Map([['w', ops.mul(parameters.get('w') as Value, -1e-6)]]);
  const perStream = median(await milliseconds(open(scale, 3.5 * count), 1)) / 7;
  if (!json) console.log(`${((4e-6 * count) / perStream).toFixed(1)} GB/s in place`);
  for (const name of names) {
    const { optimizer, streams } = optimizerCases[name] as (typeof optimizerCases)[string];
    const timing = summarize(`update-${name}`, threads, await milliseconds(open(optimizer), 1));
    const gigabytes = Number(((streams * 4 * count) / timing.median_ms / 1e6).toFixed(1));
    const overBound = Number((timing.median_ms / (streams * perStream)).toFixed(2));
    print(timing, json, { gigabytes_per_s: gigabytes, over_bound: overBound });
  }
}

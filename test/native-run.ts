/** Runs a graph on the native core: the one door through which tests reach the compiler and the runtime. */
import type { Tensor } from '../lib/graph/tensor';
import { reachable, type Value } from '../lib/graph/value';
import { Program } from '../lib/runtime/program';
import { Store } from '../lib/runtime/store';

/** The feeds that `outputs` need, each name once. */
function feedsOf(outputs: readonly Value[]): Value[] {
  const feeds = reachable(outputs)
    .filter((node) => node.op.name === 'feed')
    .flatMap((node) => node.outputs);
  return [...new Map(feeds.map((feed) => [feed.name, feed])).values()];
}

/** The numbers of `outputs`, computed natively. */
export async function runNative(outputs: readonly Value[], feeds: Readonly<Record<string, Tensor>>): Promise<Tensor[]> {
  const store = new Store();
  try {
    const named = Object.fromEntries(outputs.map((output, i) => [`output${i}`, output]));
    const program = new Program(store, { outputs: named, feeds: feedsOf(outputs) });
    const result = await program.run(feeds);
    program.dispose();
    return outputs.map((_, i) => result.outputs[`output${i}`] as Tensor);
  } finally {
    store.dispose();
  }
}

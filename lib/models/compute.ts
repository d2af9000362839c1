/** A graph without states, run once. */
import type { Tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { Program } from '../runtime/program';
import { Store } from '../runtime/store';

/** The numbers of `outputs`, computed natively. */
export async function compute(
  outputs: readonly Value[],
  feeds: readonly Value[] = [],
  numbers: Readonly<Record<string, Tensor>> = {},
): Promise<Tensor[]> {
  const store = new Store();
  try {
    const named = Object.fromEntries(outputs.map((output, i) => [`output${i}`, output]));
    const program = new Program(store, { outputs: named, feeds });
    const result = await program.run(numbers);
    program.dispose();
    return outputs.map((_, i) => result.outputs[`output${i}`] as Tensor);
  } finally {
    store.dispose();
  }
}

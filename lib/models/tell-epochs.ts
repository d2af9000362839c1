/** Tells traced programs how many epochs are done. */
import { epochCountPath } from '../functions/step-count';
import { tensor } from '../graph/tensor';
import type { Executor } from '../runtime/executor';

/** Gives `epochCount` its value, where a loss or a layer has asked for it. */
export function tellEpochs({ store }: Executor, epochs: number): void {
  if (store.has(epochCountPath)) store.write(epochCountPath, tensor(Float32Array.of(epochs), []));
}

/** A worker that does one task with the library and answers. */
import { parentPort, workerData } from 'node:worker_threads';
import { ConvoltError, layers, Session, type Tensor, tensor } from '../../lib';
import { input, open, outcome, target } from './training';

const answer = (value: unknown, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(value, transfer);

const tasks: Record<string, (given: never) => Promise<void>> = {
  /** Trains another network than the main thread does. */
  async outcome(filters: number) {
    answer(await outcome(40, filters));
  },

  /** Its own mistake, caught. */
  async refusal() {
    const session = new Session(layers.dense(2));
    try {
      await session.step(input, target);
    } catch (error) {
      answer([error instanceof ConvoltError, (error as ConvoltError).code]);
    }
  },

  /** Its own mistake, not caught. */
  async uncaught() {
    const session = open();
    await session.step(input, tensor(new Int32Array(3)));
  },

  /** Trains on from the weights in a file, saves them there, and gives its predictions away. */
  async weights(path: string) {
    const session = open();
    await session.step(input, target);
    await session.load(path);
    await session.step(input, target);
    await session.save(path);
    const { data } = (await session.run(input)) as Tensor & { data: Float32Array<ArrayBuffer> };
    session.dispose();
    answer(data, [data.buffer]);
  },

  /** Predicts for memory that is shared with the main thread, and writes the result there. */
  async shared({ pixels, logits }: { pixels: Float32Array; logits: Float32Array }) {
    const session = open();
    const { data } = await session.run(tensor(pixels, [32, 8, 8, 1]));
    logits.set(data as Float32Array);
    session.dispose();
    answer('written');
  },
};

tasks[workerData.task]?.(workerData.given as never);

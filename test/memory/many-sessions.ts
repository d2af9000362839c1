/** Opens and disposes sessions of several megabytes each; prints resident memory after a fifth of them and after all. */
import { layers, losses, optimizers, Session } from '../../lib';
import { input, target } from './tiny';

async function main(count: number): Promise<void> {
  let early = 0;
  for (let i = 0; i < count; i++) {
    const model = layers.sequential(layers.dense(65536), layers.relu(), layers.dense(4));
    const session = new Session(model, { loss: losses.crossEntropy(), optimizer: optimizers.adam({ rate: 0.01 }) });
    await session.step(input, target);
    session.dispose();
    if (i === Math.floor(count / 5)) {
      globalThis.gc?.();
      early = process.memoryUsage.rss();
    }
  }
  globalThis.gc?.();
  console.log(JSON.stringify({ early, late: process.memoryUsage.rss() }));
}

main(Number(process.argv[2]));

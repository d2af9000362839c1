/** Gives up sessions of 26 MB each without dispose(); prints the most native memory that was held at a time. */
import { layers, losses, nativeBytes, optimizers, Session } from '../../lib';
import { input, target } from './tiny';

async function main(count: number): Promise<void> {
  let most = 0;
  for (let i = 0; i < count; i++) {
    const model = layers.sequential(layers.dense(1 << 17), layers.relu(), layers.dense(4));
    const session = new Session(model, { loss: losses.crossEntropy(), optimizer: optimizers.sgd({ rate: 0.01 }) });
    await session.step(input, target);
    most = Math.max(most, nativeBytes());
  }
  console.log(JSON.stringify({ most }));
}

main(Number(process.argv[2]));

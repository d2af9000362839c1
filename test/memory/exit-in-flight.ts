/** Leaves the process while the native thread is at work. */
import { cnn, data, losses, optimizers, Session } from '../../lib';

async function main(): Promise<void> {
  const { train } = data.digitsSplit();
  const session = new Session(cnn(), { loss: losses.crossEntropy(), optimizer: optimizers.adam({ rate: 0.01 }) });
  await session.step(train.input, train.target);
  session.step(train.input, train.target);
  console.log('leaving');
  process.exit(0);
}

main();

/** What workers compute: a small convolutional network on made-up pictures, and a training that does not end by itself. */
import { fit, layers, losses, optimizers, Session, tensor } from '../../lib';

export const input = tensor(
  Float32Array.from({ length: 32 * 64 }, (_, i) => Math.sin(i)),
  [32, 8, 8, 1],
);
export const target = tensor(Int32Array.from({ length: 32 }, (_, i) => i % 4));

/** @param filters of the convolution: another number makes another program */
export const open = (filters = 8): Session =>
  new Session(
    layers.sequential(
      layers.conv2d(filters, 3, { padding: 'same' }),
      layers.batchNorm(),
      layers.relu(),
      layers.maxPool(2),
      layers.flatten(),
      layers.dense(64),
      layers.relu(),
      layers.dense(4),
    ),
    { loss: losses.crossEntropy(), optimizer: optimizers.adam({ rate: 0.003 }), seed: 5 },
  );

/** Trains for so many steps and predicts: what all environments must agree on, bit by bit. */
export async function outcome(steps: number, filters?: number): Promise<string> {
  const session = open(filters);
  let loss = 0;
  for (let i = 0; i < steps; i++) loss = (await session.step(input, target)).loss;
  const { data } = await session.run(input);
  session.dispose();
  return `${loss} ${[...data].join()}`;
}

/** Runs of thousands of steps each, for hours; `began` is called while the first one is at work. */
export async function trainForever(began: () => void): Promise<void> {
  const session = open();
  const training = fit(session, { input, target }, { epochs: 1_000_000, batchSize: 8 });
  while (!session.executor.store.native.busy) await new Promise((resolve) => setImmediate(resolve));
  began();
  await training;
}

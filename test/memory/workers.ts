/** Trains in two worker threads and the main thread at once; then terminates a worker in the middle of its run. */
import { join } from 'node:path';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { input, openTiny, target } from './tiny';

async function train(steps: number): Promise<number> {
  const session = openTiny();
  let loss = 0;
  for (let i = 0; i < steps; i++) loss = (await session.step(input, target)).loss;
  session.dispose();
  return loss;
}

const worker = (): Worker => new Worker(__filename, { execArgv: ['-r', join(__dirname, '..', 'run-typescript.cjs')] });

async function main(): Promise<void> {
  const workers = [worker(), worker()];
  const answers = workers.map((one) => new Promise<number>((resolve) => one.once('message', resolve)));
  const losses = await Promise.all([train(2000), ...answers]);
  const endless = worker();
  await new Promise((resolve) => endless.once('online', resolve));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await endless.terminate();
  console.log(losses.every((loss) => loss === losses[0]) ? 'ok' : losses.join());
  process.exit(0);
}

if (isMainThread) main();
else
  train(2000)
    .then((loss) => parentPort?.postMessage(loss))
    .then(() => train(10_000_000));

/** Rounds of eight workers at once: each loads the library, trains, predicts and is ended, in half of the rounds in a run. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { execArgv } from './execution';

const workers = 8;
const steps = 50;

async function work(): Promise<void> {
  const { outcome, trainForever } = require('./training') as typeof import('./training');
  parentPort?.postMessage(await outcome(steps));
  if (workerData.inRun) await trainForever(() => parentPort?.postMessage('running'));
}

/** What one worker says first; it is terminated as soon as it has said all. */
async function life(inRun: boolean, delay: number): Promise<string> {
  const worker = new Worker(__filename, { execArgv, workerData: { inRun } });
  const said: string[] = [];
  const ended = new Promise<number>((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  worker.on('message', (message: string) => {
    said.push(message);
    if (said.length === (inRun ? 2 : 1)) setTimeout(() => worker.terminate(), delay);
  });
  await ended;
  return said[0] as string;
}

async function main(rounds: number, alsoHere: boolean): Promise<void> {
  const outcomes = new Set<string>();
  const resident: number[] = [];
  if (alsoHere) {
    const { outcome } = require('./training') as typeof import('./training');
    outcomes.add(await outcome(steps));
  }
  globalThis.gc?.();
  const external = process.memoryUsage().external;
  for (let round = 0; round < rounds; round++) {
    const lives = Array.from({ length: workers }, (_, i) => life(round % 2 === 1, 3 * i));
    for (const said of await Promise.all(lives)) outcomes.add(said);
    globalThis.gc?.();
    resident.push(process.memoryUsage.rss());
  }
  const grown = process.memoryUsage().external - external;
  console.log(JSON.stringify({ outcomes: outcomes.size, resident, grown }));
}

if (isMainThread) main(Number(process.argv[2]), process.argv[3] === 'here');
else work();

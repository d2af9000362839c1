/** Leaves the process, in the way that its first parameter names, while the native thread is at work. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { execArgv } from './execution';
import { input, open, target, trainForever } from './training';

const running = (): Promise<void> => new Promise((began) => trainForever(began));

/** A worker that does `way` in its own thread; resolves to its exit code. */
const workerThat = (way: string): Promise<number> =>
  new Promise((resolve) => {
    new Worker(__filename, { execArgv, workerData: way }).on('error', () => undefined).once('exit', resolve);
  });

const ways: Record<string, () => Promise<unknown>> = {
  async exit() {
    await running();
    console.log('leaving');
    process.exit(3);
  },
  async exitCode() {
    process.exitCode = 4;
    const session = open();
    for (let i = 0; i < 20; i++) await session.step(input, target);
    session.step(input, target).then(({ loss }) => console.log(loss > 0 ? 'done' : 'wrong'));
  },
  async uncaught() {
    await running();
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  },
  async rejection() {
    await running();
    Promise.reject(new Error('nobody awaits this'));
  },
  async handler() {
    process.once('SIGTERM', () => process.exit(5));
    await running();
  },
  /** Until a signal comes. */
  async stay() {
    await running();
  },
  /** A worker leaves by itself; the process goes on, and ends when nothing is left to do. */
  async worker() {
    console.log(await Promise.all(['exit', 'uncaught'].map(workerThat)));
  },
  /** The process leaves while workers compute, and so does the main thread. */
  async workers() {
    await Promise.all([running(), ...['stay', 'stay'].map((way) => new Promise((resolve) => started(way, resolve)))]);
    console.log('leaving');
    process.exit(6);
  },
};

function started(way: string, then: (message: unknown) => void): void {
  new Worker(__filename, { execArgv, workerData: way, stdout: true }).stdout.once('data', then);
}

const way = isMainThread ? process.argv[2] : workerData;
ways[way]?.().then(() => console.log('running'));

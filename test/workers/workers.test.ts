/** Worker threads: each is an environment of its own; all share the compute threads, and none may harm another. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { tensor } from '../../lib';
import { execArgv } from './execution';
import { ending } from './in-process';
import { input, open, outcome, target } from './training';

/** What a worker answers to a task. */
function ask(task: string, given?: unknown): Promise<unknown> {
  const worker = new Worker(join(__dirname, 'guest.ts'), { execArgv, workerData: { task, given } });
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

/** Half as many rounds each, with the library in the workers alone and in the main thread as well. */
const rounds = Number(process.env.CONVOLT_WORKER_ROUNDS ?? 2);

describe('eight workers at once, terminated, in half of the rounds in a run', () => {
  test.each(['workers only', 'here'])(
    '%s',
    async (where) => {
      const { code, signal, stdout, stderr } = await ending('rounds.ts', [String(rounds), where]);
      expect([code, signal, stderr]).toEqual([0, null, '']);
      const { outcomes, resident, grown } = JSON.parse(stdout);
      expect(outcomes).toBe(1);
      expect(grown).toBeLessThan(1 << 20);
      const fifth = Math.ceil(rounds / 5);
      const early = Math.min(...resident.slice(fifth, 3 * fifth));
      expect(Math.min(...resident.slice(-fifth)) - early).toBeLessThan(16 << 20);
    },
    900_000,
  );
});

test('different programs of different environments do not disturb each other', async () => {
  const filters = [8, 12, 16];
  const alone: string[] = [];
  for (const count of filters) alone.push(await outcome(40, count));
  const [here, ...there] = filters.map((count, i) =>
    i === 0 ? () => outcome(40, count) : () => ask('outcome', count),
  );
  const together = await Promise.all([here?.(), ...there.map((request) => request())]);
  expect(together).toEqual(alone);
});

test('errors are typed in a worker, and arrive with their code when it does not catch them', async () => {
  expect(await ask('refusal')).toEqual([true, 'OPTION']);
  await expect(ask('uncaught')).rejects.toMatchObject({ name: 'ConvoltError', code: 'SHAPE' });
});

test('weights go to a worker and back as a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'convolt-'));
  const path = join(folder, 'weights.safetensors');
  const session = open();
  await session.step(input, target);
  await session.save(path);
  const logits = await ask('weights', path);
  await session.step(input, target);
  expect(logits).toEqual((await session.run(input)).data);
  await session.load(path);
  expect((await session.run(input)).data).toEqual(logits);
  session.dispose();
  rmSync(folder, { recursive: true });
});

test('memory that environments share is read and written like any other', async () => {
  const pixels = new Float32Array(new SharedArrayBuffer(input.data.byteLength));
  pixels.set(input.data as Float32Array);
  const logits = new Float32Array(new SharedArrayBuffer(4 * 32 * 4));
  await ask('shared', { pixels, logits });
  const session = open();
  const own = await session.run(tensor(pixels, [32, 8, 8, 1]));
  expect([...logits]).toEqual([...own.data]);
  expect(own.data).toEqual((await session.run(input)).data);
  await session.step(tensor(pixels, [32, 8, 8, 1]), target);
  session.dispose();
});

test('numbers that were given away are missed', async () => {
  const session = open();
  const given = tensor((input.data as Float32Array).slice(), [32, 8, 8, 1]);
  structuredClone(given.data.buffer, { transfer: [given.data.buffer as ArrayBuffer] });
  await expect(session.run(given)).rejects.toMatchObject({ code: 'SHAPE' });
  session.dispose();
});

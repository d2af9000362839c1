/** The end of a process and of a worker while the native thread is at work: the right code, and soon. */
import { type Ending, ending } from './in-process';

const soon = 5_000; // milliseconds: a busy machine may take its time, a hang lasts for ever

const expectEnd = ({ code, signal, milliseconds }: Ending, expected: number | NodeJS.Signals): void => {
  expect(signal ?? code).toBe(expected);
  expect(milliseconds).toBeLessThan(soon);
};

test('process.exit keeps its code', async () => expectEnd(await ending('exits.ts', ['exit']), 3));

test('a promise that is pending keeps the process until its run is done', async () => {
  const end = await ending('exits.ts', ['exitCode']);
  expectEnd(end, 4);
  expect(end.stdout).toMatch(/done$/);
});

test.each([
  ['uncaught', 'nobody catches this'],
  ['rejection', 'nobody awaits this'],
])('an error that ends the process (%s)', async (way, message) => {
  const end = await ending('exits.ts', [way]);
  expectEnd(end, 1);
  expect(end.stderr).toContain(message);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends a process that does not handle it', async (signal) => {
  expectEnd(await ending('exits.ts', ['stay'], signal), signal);
});

test('SIGTERM reaches a handler during a run', async () => {
  expectEnd(await ending('exits.ts', ['handler'], 'SIGTERM'), 5);
});

test('workers that exit or fail in a run leave the process as it is', async () => {
  const end = await ending('exits.ts', ['worker']);
  expectEnd(end, 0);
  expect(end.stdout).toContain('[ 3, 1 ]');
});

test('process.exit while the main thread and two workers compute', async () => {
  expectEnd(await ending('exits.ts', ['workers']), 6);
});

test('processes may be started during a run, and compute', async () => {
  const end = await ending('children.ts');
  expect([end.code, end.stderr]).toEqual([0, '']);
  expect(JSON.parse(end.stdout)).toEqual(['execFileSync', 'spawnSync', 'exec', 'SIGTERM', true, true, true]);
}, 30_000);

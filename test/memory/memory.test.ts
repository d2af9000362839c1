/** Memory: flat over many awaited steps, freed by dispose and by the garbage collector, and counted. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = async (script: string, ...args: string[]) => {
  // A small young generation, so that what is measured is ours and not how V8 likes to grow its heap.
  const argv = [
    '--expose-gc',
    '--max-semi-space-size=1',
    '-r',
    join(__dirname, '..', 'run-typescript.cjs'),
    join(__dirname, script),
    ...args,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  return stdout.trim();
};

describe('memory', () => {
  test('resident memory is flat over 60 000 awaited steps', async () => {
    const { early, late } = JSON.parse(await run('many-steps.ts', '80000'));
    expect(late - early).toBeLessThan(2 * 1024 * 1024);
  });

  test('sessions that are opened and disposed leave nothing behind', async () => {
    const { early, late } = JSON.parse(await run('many-sessions.ts', '150'));
    expect(late - early).toBeLessThan(16 * 1024 * 1024);
  });

  test('native bytes are counted, and shown as external, are none after dispose, and none of what was forgotten', async () => {
    const close = 512 * 1024; // arrays of JavaScript count as external too
    const counted = Object.values<number[][]>(JSON.parse(await run('native-bytes.ts')));
    for (const [[held = 0, shown = 0] = [], [left, leftShown = 0] = [], [forgotten, forgottenShown] = []] of counted) {
      expect(held).toBeGreaterThanOrEqual(4 << 20);
      expect([left, forgotten]).toEqual([0, 0]);
      expect(shown).toBeGreaterThan(held - close);
      expect(shown - leftShown).toBeGreaterThan(held - close);
      expect(forgottenShown).toBeLessThan(close);
    }
  });

  test('the garbage collector knows how heavy sessions are that nobody disposes of', async () => {
    const { most } = JSON.parse(await run('forgotten-sessions.ts', '40'));
    expect(most).toBeGreaterThan(26e6);
    expect(most).toBeLessThan(300e6);
  });
});

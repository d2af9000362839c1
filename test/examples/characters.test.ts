/** The character example, on a nursery rhyme: it learns, writes, saves, and writes on from the file. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../io/refusal';

const folder = temporaryFolder();
const root = join(__dirname, '..', '..');
const text = join(folder, 'rhyme.txt');
writeFileSync(text, 'row, row, row your boat, gently down the stream.\n'.repeat(60));

const run = (...args: string[]): string =>
  execFileSync(
    process.execPath,
    [
      ...['-r', join(root, 'test', 'run-typescript.cjs'), join(root, 'examples', 'characters.ts')],
      ...['--out', folder, '--prompt', 'row, ', '--sample', '40', '--temperature', '0', ...args],
    ],
    { encoding: 'utf8' },
  );

test('learns, writes, saves, and writes on', () => {
  const small = ['--batch', '4', '--length', '16', '--features', '8', '--units', '24', '--rate', '0.02'];
  const trained = run('--text', text, '--epochs', '6', ...small);
  expect(trained).toMatch(/2940 characters, 20 different ones; 172 windows of 16/);
  const bits = [...trained.matchAll(/validation: ([\d.]+) bits/g)].map(([, number]) => Number(number));
  expect(bits).toHaveLength(6);
  expect(bits[5]).toBeLessThan(1); // of log2(20) = 4.3; the beginnings of windows cannot be known
  const written = (shown: string): string => shown.slice(shown.lastIndexOf('row, row')).slice(0, 45);
  expect(written(trained)).toMatch(/^row, row/);
  const again = run('--load', join(folder, 'model.convolt'));
  expect(again).toContain(written(trained));
});

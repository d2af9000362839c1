/** The CIFAR-10 example, on a few pictures of noise in the original binary form. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'convolt-cifar10-'));
const perFile = 20;

/** Records of one label byte and 3072 pixels, each class as often as the others. */
const records = (seed: number): Uint8Array =>
  Uint8Array.from({ length: perFile * 3073 }, (_, i) =>
    i % 3073 === 0 ? (i / 3073) % 10 : Math.imul(i + seed, 2654435761) >>> 24,
  );

for (let batch = 1; batch <= 5; batch++) writeFileSync(join(folder, `data_batch_${batch}.bin`), records(batch));
writeFileSync(join(folder, 'test_batch.bin'), records(6));
afterAll(() => rmSync(folder, { recursive: true }));

const root = join(__dirname, '..', '..');
const out = join(folder, 'out');

const run = (...args: string[]): string =>
  execFileSync(
    process.execPath,
    [
      ...['-r', join(root, 'test', 'run-typescript.cjs'), join(root, 'examples', 'cifar10.ts')],
      ...['--folder', folder, '--out', out, '--batch', '30', ...args],
    ],
    { encoding: 'utf8' },
  );

test('trains, saves, and goes on where it stopped', () => {
  expect(run('--epochs', '1', '--algorithm', 'direct')).toMatch(/90 images to learn, 10 to validate, 20 .*test: loss/s);
  const resumed = run('--epochs', '2', '--resume');
  expect(resumed).toContain('epoch 2:');
  expect(resumed).not.toContain('epoch 1:');
  const history: { epoch: number }[] = JSON.parse(readFileSync(join(out, 'history.json'), 'utf8'));
  expect(history.map(({ epoch }) => epoch)).toEqual([1, 2]);
  expect(readFileSync(join(out, 'curves.svg'), 'utf8')).toContain('<svg');
});

/** The example of graphemes and phonemes, on a few words and few steps. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePng } from '../../lib/io';
import { temporaryFolder } from '../io/refusal';

const out = temporaryFolder();
const root = join(__dirname, '..', '..');

test('trains with attention and without, tells what it can do, and draws', () => {
  const lines = execFileSync(
    process.execPath,
    [
      ...['-r', join(root, 'test', 'run-typescript.cjs'), join(root, 'examples', 'graphemes.ts'), '--out', out],
      ...'--examples 320 --batch 32 --epochs 1 --longest 6 --units 16 --tested 40 --beams 2 --word Otter'.split(' '),
    ],
    { encoding: 'utf8' },
  );
  expect(lines).toMatch(/words to learn, \d+ to be tested on/);
  expect(lines).toMatch(/attention:\nepoch 1 10\/10 {2}loss \d.*words\/s.*\ngreedy: phoneme error rate .*\n2 beams:/);
  expect(lines).toMatch(/OTTER is spoken .*otter.png/);
  expect(lines).toMatch(/never seen:\nattention +words right .*\npeek +words right/);
  expect(readdirSync(out).sort()).toEqual(['attention.safetensors', 'otter.png', 'peek.safetensors', 'results.json']);
  const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
  for (const name of ['attention', 'peek']) expect(results[name].greedy.phonemeErrors).toBeGreaterThan(0);
  expect(decodePng(readFileSync(join(out, 'otter.png'))).shape[2]).toBe(3);
});

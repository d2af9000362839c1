/** Fuzzes one parser for some minutes; files that fail are kept in a folder. Run by scripts/fuzz.mjs. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generator } from '../cases/case';
import { fuzz } from './rounds';
import { type FuzzTarget, fuzzTargets } from './targets';

const [name = '', minutes = '1', folder = '.', seed = String(Date.now() | 0)] = process.argv.slice(2);

async function main(): Promise<void> {
  const end = Date.now() + 60_000 * Number(minutes);
  const target = fuzzTargets[name] as FuzzTarget;
  const { executions, shapes, faults } = await fuzz(target, generator(Number(seed)), () => Date.now() > end);
  console.log(`${name}: ${executions} files, ${shapes.length} outcomes, ${faults.length} faults (seed ${seed})`);
  for (const { bytes, fault } of faults) {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, createHash('sha1').update(bytes).digest('hex'));
    writeFileSync(path, bytes);
    console.log(`${path}\n${fault}\n`);
  }
  process.exitCode = faults.length ? 1 : 0;
}

void main();

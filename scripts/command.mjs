// Runs other programs on behalf of the scripts.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** How many things a build does at once. */
export const jobs = process.env.CONVOLT_JOBS ?? String(availableParallelism());

/** Runs a program with its output shown; gives its exit status. */
export function show(program, ...parameters) {
  const { status, error } = spawnSync(program, parameters, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${program}: ${error.message}`);
  return status ?? 1;
}

/** Runs a program silently; shows what it said and ends the process when it fails. */
export function quietly(program, ...parameters) {
  const { status, error, stdout, stderr } = spawnSync(program, parameters, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  if (status === 0) return;
  console.error(`${stdout ?? ''}${stderr ?? ''}\n${error?.message ?? ''}`);
  fail(`'${[program, ...parameters].join(' ')}' failed; its output is above`);
}

/** True when a program of that name can be run. */
export function available(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** Ends the process with one sentence. */
export function fail(message) {
  console.error(`convolt: ${message}`);
  process.exit(1);
}

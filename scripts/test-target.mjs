// Runs the C++ tests of `--target NAME`, as built beside its binary, on this machine: under QEMU where it has another
// processor. Further parameters go to the tests.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fail, jobs, quietly, root } from './command.mjs';
import { installPackages } from './system-packages.mjs';
import { buildFolder, targetOf } from './targets.mjs';

const parameters = process.argv.slice(2);
const target = targetOf(parameters);
const emulators = { arm64: ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'] };
const emulator = target.arch === process.arch ? [] : (emulators[target.arch] ?? fail(`no emulator of ${target.arch}`));

if (emulator.length > 0) installPackages('qemu-user');
quietly(process.execPath, 'scripts/build.mjs', '--target', target.name, '--tests');
// A death test starts the program anew, which an emulator cannot do.
const filter = emulator.length > 0 ? ['--gtest_filter=-*DeathTest*'] : [];
const [program, ...rest] = [...emulator, join(buildFolder(target), 'convolt_tests'), '--gtest_brief=1', ...filter];
const others = parameters.filter((word, i) => word !== '--target' && parameters[i - 1] !== '--target');

/** One of `jobs` parts of the tests; gives its exit status. */
function runPart(part) {
  const environment = { ...process.env, GTEST_TOTAL_SHARDS: jobs, GTEST_SHARD_INDEX: String(part) };
  const child = spawn(program, [...rest, ...others], { cwd: root, env: environment, stdio: 'inherit' });
  return new Promise((resolve) => {
    child.on('error', (error) => fail(error.message));
    child.on('exit', (status) => resolve(status ?? 1));
  });
}

const statuses = await Promise.all(Array.from({ length: Number(jobs) }, (_, part) => runPart(part)));
process.exitCode = Math.max(...statuses);

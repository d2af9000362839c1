// Builds build/Release/convolt.node; with --tests also build/convolt_tests, with --bench the micro-benchmarks.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { available, root, show } from './command.mjs';

const wanted = (name) => (process.argv.includes(`--${name}`) ? 'ON' : 'OFF');
const jobs = process.env.CONVOLT_JOBS ?? String(availableParallelism());
const cmakeJs = (action, ...more) => show(process.execPath, 'node_modules/cmake-js/bin/cmake-js', action, ...more);

/** CMake refuses a folder that another generator made, as when Ninja was installed or removed since: configure anew. */
function forgetOtherGenerator() {
  const cache = join(root, 'build', 'CMakeCache.txt');
  if (!existsSync(cache)) return;
  const made = /^CMAKE_GENERATOR:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1];
  if ((made === 'Ninja') === available('ninja')) return;
  rmSync(cache);
  rmSync(join(root, 'build', 'CMakeFiles'), { recursive: true, force: true });
}

forgetOtherGenerator();
const options = [`--CDCONVOLT_TESTS=${wanted('tests')}`, `--CDCONVOLT_BENCH=${wanted('bench')}`];
process.exit(cmakeJs('configure', ...options) || cmakeJs('build', '--parallel', jobs));

// Builds convolt.node with CMake: build/Release/convolt.node for this machine, or build/<target>/build/Release/convolt.node
// with `--target NAME`; with --tests also convolt_tests, with --bench the micro-benchmarks.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { available, jobs, root, show } from './command.mjs';
import { buildFolder, prepare, targetOf } from './targets.mjs';

const parameters = process.argv.slice(2);
const target = parameters.includes('--target') ? targetOf(parameters) : undefined;
const folder = target ? buildFolder(target) : join(root, 'build');
const wanted = (name) => (parameters.includes(`--${name}`) ? 'ON' : 'OFF');
const cmakeJs = (action, ...more) =>
  show(process.execPath, 'node_modules/cmake-js/bin/cmake-js', action, '--out', folder, ...generator, ...more);
// cmake-js would look for Visual C++, which does not know the vectors that the loops are written with.
const generator = process.platform === 'win32' ? ['--generator', 'Ninja'] : [];

/** CMake refuses a folder that another generator made, as when Ninja was installed or removed since: configure anew. */
function forgetOtherGenerator() {
  const cache = join(folder, 'CMakeCache.txt');
  if (!existsSync(cache)) return;
  const made = /^CMAKE_GENERATOR:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1];
  if ((made === 'Ninja') === available('ninja')) return;
  rmSync(cache);
  rmSync(join(folder, 'CMakeFiles'), { recursive: true, force: true });
}

forgetOtherGenerator();
const settings = [
  `CONVOLT_TESTS=${wanted('tests')}`,
  `CONVOLT_BENCH=${wanted('bench')}`,
  ...(target ? ['CONVOLT_RELEASE=ON', ...(await prepare(target))] : []),
];
const options = settings.map((setting) => `--CD${setting}`);
process.exit(cmakeJs('configure', ...options) || cmakeJs('build', '--parallel', jobs));

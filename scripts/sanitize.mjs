// Builds with a sanitizer and runs the C++ tests: `npm run test:asan`, `test:ubsan` or `test:tsan`; under AddressSanitizer
// also the addon, and the tests in TypeScript that cross into it. Parameters go to GoogleTest, or behind `jest` to jest.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fail, jobs, quietly, root, show } from './command.mjs';
import { installMissing } from './system-packages.mjs';

const sanitizers = { asan: 'address', ubsan: 'undefined', tsan: 'thread' };
const [name, ...parameters] = process.argv.slice(2);
const sanitizer = sanitizers[name] ?? fail(`expected one of ${Object.keys(sanitizers)} but got '${name}'`);

const folder = join(root, `build-${name}`);
// Sanitizers want memory at fixed places, which random addresses may take on newer kernels.
const fixed = ['setarch', '--addr-no-randomize'];

function testNative() {
  const options = ['-DCMAKE_BUILD_TYPE=Release', '-DCONVOLT_ADDON=OFF', '-DCONVOLT_TESTS=ON'];
  quietly('cmake', '-S', root, '-B', folder, ...options, `-DCONVOLT_SANITIZE=${sanitizer}`);
  quietly('cmake', '--build', folder, '--parallel', jobs, '--target', 'convolt_tests');
  process.env.TSAN_OPTIONS ??= 'die_after_fork=0'; // some tests fork while threads run
  return show(...fixed, join(folder, 'convolt_tests'), '--gtest_brief=1', ...parameters);
}

/** Folders of tests whose numbers, files, threads and mistakes reach the addon. */
const crossing = ['bad-input', 'fuzz', 'inference', 'memory', 'models', 'runtime', 'streaming', 'workers', 'values'];

/** Where the compiler keeps the run-time library that the addon needs and that Node lacks. */
function sanitizerLibrary() {
  const { stdout } = spawnSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' });
  return stdout.trim();
}

function testAddon(chosen) {
  const addonFolder = join(root, 'build-asan-addon');
  const cmakeJs = (...more) => quietly(process.execPath, 'node_modules/cmake-js/bin/cmake-js', ...more);
  cmakeJs('configure', '--out', addonFolder, `--CDCONVOLT_SANITIZE=${sanitizer}`);
  cmakeJs('build', '--out', addonFolder, '--parallel', jobs, '--target', 'convolt_addon');
  Object.assign(process.env, {
    CONVOLT_BINARY: join(addonFolder, 'Release', 'convolt.node'),
    LD_PRELOAD: sanitizerLibrary(),
    ASAN_OPTIONS: 'detect_leaks=0:detect_odr_violation=0:quarantine_size_mb=8',
  });
  const tests = chosen.length ? chosen : crossing.map((each) => `test/${each}`);
  return show(...fixed, process.execPath, 'node_modules/jest/bin/jest.js', '--runInBand', ...tests);
}

installMissing({ tests: true });
const [first, ...others] = parameters;
if (first === 'jest') process.exitCode = testAddon(others);
else process.exitCode = testNative() || (name === 'asan' && parameters.length === 0 ? testAddon([]) : 0);

// Builds the C++ tests with a sanitizer and runs them: `npm run test:asan`, `test:ubsan` or `test:tsan`.
import { join } from 'node:path';
import { fail, jobs, quietly, root, show } from './command.mjs';
import { installMissing } from './system-packages.mjs';

const sanitizers = { asan: 'address', ubsan: 'undefined', tsan: 'thread' };
const [name, ...parameters] = process.argv.slice(2);
const sanitizer = sanitizers[name] ?? fail(`expected one of ${Object.keys(sanitizers)} but got '${name}'`);

const folder = join(root, `build-${name}`);
installMissing({ tests: true });
const options = ['-DCMAKE_BUILD_TYPE=Release', '-DCONVOLT_ADDON=OFF', '-DCONVOLT_TESTS=ON'];
quietly('cmake', '-S', root, '-B', folder, ...options, `-DCONVOLT_SANITIZE=${sanitizer}`);
quietly('cmake', '--build', folder, '--parallel', jobs, '--target', 'convolt_tests');
// Sanitizers want memory at fixed places, which random addresses may take on newer kernels.
process.exitCode = show(
  'setarch',
  '--addr-no-randomize',
  join(folder, 'convolt_tests'),
  '--gtest_brief=1',
  ...parameters,
);

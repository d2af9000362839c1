// Runs the C++ tests, then jest (parameters go to jest), and sums both up in the last line.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { quietly, root, show } from './command.mjs';
import { installMissing } from './system-packages.mjs';

const nativeResults = join(root, 'build', 'native-tests.json');
const jestResults = join(root, 'build', 'jest.json');

/** The numbers in a result file; one failure when the run ended before it wrote any. */
function counts(file, read) {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  return read(JSON.parse(readFileSync(file, 'utf8')));
}

/** True for a test in GoogleTest's report that ran, to its end, without a failure. */
const hasPassed = ({ result, failures }) => result === 'COMPLETED' && !failures;

function runNative() {
  installMissing({ tests: true });
  quietly(process.execPath, 'scripts/build.mjs', '--tests');
  rmSync(nativeResults, { force: true });
  const status = show(join(root, 'build', 'convolt_tests'), '--gtest_brief=1', `--gtest_output=json:${nativeResults}`);
  const { passed, failed } = counts(nativeResults, ({ testsuites, failures, errors = 0 }) => ({
    passed: testsuites.flatMap(({ testsuite }) => testsuite).filter(hasPassed).length,
    failed: failures + errors,
  }));
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed };
}

function runJest() {
  rmSync(jestResults, { force: true });
  const jest = 'node_modules/jest/bin/jest.js';
  const status = show(process.execPath, jest, '--json', `--outputFile=${jestResults}`, ...process.argv.slice(2));
  const { passed, failed } = counts(jestResults, (results) => ({
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
  }));
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed };
}

const native = runNative();
const jest = runJest();
const failed = native.failed + jest.failed;
console.log(
  `C++: ${native.passed} passed, ${native.failed} failed; TypeScript: ${jest.passed} passed, ${jest.failed} failed`,
);
console.log(`${native.passed + jest.passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

// Builds build/Release/convolt.node; with --tests also build/convolt_tests, with --bench the micro-benchmarks.
import { availableParallelism } from 'node:os';
import { show } from './command.mjs';

const wanted = (name) => (process.argv.includes(`--${name}`) ? 'ON' : 'OFF');
const jobs = process.env.CONVOLT_JOBS ?? String(availableParallelism());
const cmakeJs = (action, ...more) => show(process.execPath, 'node_modules/cmake-js/bin/cmake-js', action, ...more);

const options = [`--CDCONVOLT_TESTS=${wanted('tests')}`, `--CDCONVOLT_BENCH=${wanted('bench')}`];
process.exit(cmakeJs('configure', ...options) || cmakeJs('build', '--parallel', jobs));

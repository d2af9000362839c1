// Builds and runs a fuzz target: `npm run fuzz -- plan --minutes 5`. Native ones run in libFuzzer (needs Clang), those
// of files in test/fuzz. What fails is written to the target's corpus, where the tests replay it.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { available, fail, jobs, quietly, root, show } from './command.mjs';

const native = ['kernel', 'plan', 'store'];
const files = ['checkpoint', 'cmudict', 'idx', 'labels', 'model', 'npy', 'png', 'records', 'safetensors'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '5' } },
});
const [target = ''] = positionals;
const minutes = Number(values.minutes);
if (![...native, ...files].includes(target))
  fail(`expected one of ${[...native, ...files].join(', ')} but got '${target}'`);
if (!(minutes > 0)) fail(`expected a number of minutes above 0 but got '${values.minutes}'`);
quietly(process.execPath, 'node_modules/typescript/bin/tsc');

function fuzzNative() {
  if (!available('clang++'))
    fail('libFuzzer comes with Clang; on Debian and Ubuntu: apt-get install clang libclang-rt-dev');
  const folder = join(root, 'build-fuzz');
  const corpus = join(root, 'native', 'fuzz', 'corpus', target);
  const grown = join(folder, 'grown', target);
  for (const made of [corpus, grown]) mkdirSync(made, { recursive: true });
  const options = [
    '-DCONVOLT_ADDON=OFF',
    '-DCONVOLT_FUZZ=ON',
    '-DCMAKE_C_COMPILER=clang',
    '-DCMAKE_CXX_COMPILER=clang++',
  ];
  quietly('cmake', '-S', root, '-B', folder, ...options);
  quietly('cmake', '--build', folder, '--parallel', jobs, '--target', `fuzz-${target}`);
  quietly(process.execPath, 'scripts/fuzz-seeds.mjs');
  const seeds = join(folder, 'seeds');
  const folders = [grown, corpus, ...(readdirSync(seeds).includes(target) ? [join(seeds, target)] : [])];
  return show(
    join(folder, `fuzz-${target}`),
    `-max_total_time=${Math.ceil(60 * minutes)}`,
    '-max_len=4096',
    '-timeout=20',
    '-rss_limit_mb=4096',
    `-artifact_prefix=${corpus}/`,
    ...folders,
  );
}

process.exitCode = native.includes(target)
  ? fuzzNative()
  : show(process.execPath, 'dist/test/fuzz/main.js', target, String(minutes), `test/fuzz/corpus/${target}`);

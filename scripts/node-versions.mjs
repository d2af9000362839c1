// Runs every TypeScript test with several versions of Node.js on the binary that is there, and prints a table:
// `npm run test:node-versions -- [--shards=N] [--through=COMMAND] [MAJOR...]`. The versions come from npm.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, quietly, root, show } from './command.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    shards: { type: 'string', default: '1' }, // parts that each version is tested in
    through: { type: 'string', default: '' }, // what each part is run by, e.g. 'nice -n 10'
  },
});
const versions = positionals.length > 0 ? positionals : ['20', '22', '24', '26'];
const shards = Number(values.shards);
const cache = join(root, 'build', 'node-versions');

/** The folder of an executable of that version, fetched unless it is there. */
function folderOf(version) {
  const folder = join(cache, version);
  const bin = join(folder, 'package', 'bin');
  if (existsSync(join(bin, 'node'))) return bin;
  mkdirSync(folder, { recursive: true });
  const name = `node-${process.platform}-${process.arch}@${version}`;
  const { status, stdout, stderr } = spawnSync('npm', ['pack', '--silent', name], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) fail(`expected npm to have ${name} but got '${stderr.trim()}'`);
  const archive = join(folder, stdout.trim().split('\n').at(-1));
  quietly('tar', '-xzf', archive, '-C', folder);
  rmSync(archive);
  return bin;
}

/** What one part of the tests gives: counts, and the names of those that failed. */
function part(node, shard, file) {
  rmSync(file, { force: true });
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const [program, ...more] = [...values.through.split(' ').filter(Boolean), node];
  show(program, ...more, jest, '--silent', '--json', `--outputFile=${file}`, `--shard=${shard}/${shards}`);
  if (!existsSync(file)) return { passed: 0, failed: 1, names: [`part ${shard} ended before its tests did`] };
  const results = JSON.parse(readFileSync(file, 'utf8'));
  const names = results.testResults.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed').map(({ fullName }) => fullName);
    return failed.length > 0 || status !== 'failed' ? failed : [name];
  });
  return { passed: results.numPassedTests, failed: names.length, names };
}

function row(version) {
  const folder = folderOf(version);
  const node = join(folder, 'node');
  process.env.PATH = `${folder}${delimiter}${path}`;
  const exact = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const began = performance.now();
  const parts = Array.from({ length: shards }, (_, i) => part(node, i + 1, join(cache, `${version}-${i + 1}.json`)));
  const total = (count) => parts.reduce((sum, found) => sum + found[count], 0);
  for (const name of parts.flatMap(({ names }) => names)) console.log(`${exact} failed: ${name}`);
  const seconds = Math.round((performance.now() - began) / 1000);
  return { node: exact, passed: total('passed'), failed: total('failed'), seconds };
}

const { PATH: path } = process.env;
const table = versions.map(row);
console.table(table);
process.exitCode = table.some(({ failed }) => failed > 0) ? 1 : 0;

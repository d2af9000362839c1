// Installs the packed tarball where nothing helps: an empty folder and an empty npm cache, without network, install
// scripts or a compiler in PATH; then trains on the bundled digits as an ES module, as CommonJS and from TypeScript.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { fail, quietly, root } from './command.mjs';

const place = realpathSync(mkdtempSync(join(tmpdir(), 'convolt-install-')));
const project = join(place, 'project');
const programs = join(place, 'programs');
const packages = join(project, 'node_modules');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const greatestTarball = 15e6;

function programNamed(name) {
  const paths = process.env.PATH.split(delimiter).map((folder) => join(folder, name));
  const found = paths.find((path) => statSync(path, { throwIfNoEntry: false }));
  return found ? realpathSync(found) : fail(`'${name}' was not found in PATH`);
}

const npm = process.env.npm_execpath ?? programNamed('npm');
/** Where this is allowed, programs run in a network of their own, in which there is nothing. */
const alone = spawnSync('unshare', ['-rn', 'true']).status === 0 ? [programNamed('unshare'), '-rn'] : [];
/** Node.js and a shell, a home that is empty, and nobody's settings. */
const environment = { PATH: programs, HOME: place, npm_config_cache: join(place, 'cache') };

/** Runs Node.js in the project; gives what it printed and the seconds it took. */
function node(...parameters) {
  const [program, ...rest] = [...alone, process.execPath, ...parameters];
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(program, rest, { cwd: project, env: environment, encoding: 'utf8' });
  if (status !== 0) fail(`'node ${parameters.join(' ')}' failed in ${project}:\n${stdout}${stderr}`);
  return { output: stdout.trim(), seconds: (performance.now() - start) / 1000 };
}

const write = (name, text) => writeFileSync(join(project, name), text);
const names = '{ data, evaluate, fit, layers, losses, metrics, optimizers, Session }';
const imported = `import ${names} from 'convolt';`;
const required = `const ${names} = require('convolt');`;
const program = `
const { train, test } = data.digitsSplit();
const model = layers.sequential(layers.flatten(), layers.dense(64), layers.relu(), layers.dense(10));
const session = new Session(model, { loss: losses.crossEntropy(), metrics: { accuracy: metrics.accuracy() }, optimizer: optimizers.adam({ rate: 0.003 }), seed: 1 });
fit(session, train, { epochs: 20 }).then(() => evaluate(session, test)).then(({ accuracy }) => console.log(accuracy));
`;

/** One line of the table that is printed at the end. */
const rows = [];
const row = (what, value) => rows.push(`${what.padEnd(58)} ${value}`);

function train(what, ...parameters) {
  const { output, seconds } = node(...parameters);
  if (!(Number(output) > 0.9))
    fail(`${what}: expected more than nine tenths of the digits to be known but got ${output}`);
  row(what, `${(100 * Number(output)).toFixed(1)} % of digits right after ${seconds.toFixed(1)} s`);
}

/** Compiles one file, with all declarations of the library. */
function compile(file, text, options) {
  const compilerOptions = { strict: true, skipLibCheck: false, target: 'ES2022', lib: ['ES2023', 'DOM'], ...options };
  write(file, text);
  write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }));
  node(compiler, '-p', 'tsconfig.json');
}

const sizeOf = (path) => statSync(path).size;
const sizeUnder = (folder) =>
  readdirSync(folder, { recursive: true }).reduce((sum, name) => sum + sizeOf(join(folder, name)), 0);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/** Median milliseconds that a program takes beyond the start of Node.js. */
function milliseconds(...parameters) {
  const times = Array.from({ length: 15 }, () => node(...parameters).seconds - node('-e', '').seconds);
  return `${(times.sort((a, b) => a - b)[7] * 1000).toFixed(0)} ms`;
}

function pack() {
  quietly(process.execPath, npm, 'pack', '--pack-destination', place);
  const tarball = readdirSync(place).find((name) => name.endsWith('.tgz'));
  const size = sizeOf(join(place, tarball));
  row('tarball', megabytes(size));
  if (size > greatestTarball)
    fail(`expected a tarball of at most ${megabytes(greatestTarball)} but got ${megabytes(size)}`);
  return tarball;
}

/** What is wrong with the entry points, as publint sees it. */
async function checkEntries(tarball) {
  const content = Uint8Array.from(readFileSync(join(place, tarball))).buffer;
  const { messages, pkg } = await publint({ pack: { tarball: content } });
  if (messages.length > 0) fail(messages.map((message) => formatMessage(message, pkg)).join('\n'));
}

function install(tarball) {
  for (const folder of [project, programs]) mkdirSync(folder);
  symlinkSync(process.execPath, join(programs, 'node'));
  symlinkSync('/bin/sh', join(programs, 'sh'));
  write('package.json', JSON.stringify({ private: true, dependencies: { convolt: `file:../${tarball}` } }));
  const quiet = ['--offline', '--no-audit', '--no-fund', '--no-update-notifier'];
  node(npm, 'install', '--package-lock-only', ...quiet);
  const { seconds } = node(npm, 'ci', '--ignore-scripts', ...quiet);
  row(`npm ci --ignore-scripts --offline${alone.length > 0 ? ', no network' : ''}`, `${seconds.toFixed(1)} s`);
  node(npm, 'ci', ...quiet); // with scripts: there must be none that wants a compiler
  row(
    'node_modules',
    `${megabytes(sizeUnder(packages))}, ${readdirSync(packages).filter((name) => !name.startsWith('.')).length} package`,
  );
}

const tarball = pack();
await checkEntries(tarball);
install(tarball);

write('module.mjs', imported + program);
train('ES module', 'module.mjs');
write('common.cjs', required + program);
train('CommonJS', 'common.cjs');
write(
  'one.mjs',
  "import { Session } from 'convolt';\nimport { createRequire } from 'node:module';\nif (createRequire(import.meta.url)('convolt').Session !== Session) throw new Error('two instances of the library');\n",
);
node('one.mjs');

// TypeScript: with the types of Node.js as almost everyone has them, and without.
compile('plain.ts', imported + program, { module: 'esnext', moduleResolution: 'bundler', types: [] });
mkdirSync(join(packages, '@types'));
symlinkSync(join(root, 'node_modules', '@types', 'node'), join(packages, '@types', 'node'));
compile('plain.ts', imported + program, { module: 'esnext', moduleResolution: 'bundler', types: ['node'] });
for (const kind of ['mts', 'cts']) {
  const file = `typed.${kind}`;
  compile(file, imported + program, { module: 'node16', moduleResolution: 'node16', types: ['node'] });
  train(`TypeScript, moduleResolution node16, ${file}`, file.replace('ts', 'js'));
}

row(
  'npx convolt info',
  `version ${JSON.parse(node(join(packages, '.bin', 'convolt'), 'info', '--json').output).version}`,
);
row('require, beyond the start of Node.js', milliseconds('-e', "require('convolt')"));
row('import, beyond the start of Node.js', milliseconds('--input-type=module', '-e', "import 'convolt'"));
rmSync(place, { recursive: true });
console.log(rows.join('\n'));

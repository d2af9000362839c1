// Brings a fresh checkout to the state in which it runs: system packages, npm packages, the native core, TypeScript.
// Each part is skipped when it is there; needs nothing but Node.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, quietly, root } from './command.mjs';
import { markMade, outdated } from './freshness.mjs';
import { installMissing } from './system-packages.mjs';

const nativeSources = ['CMakeLists.txt', 'cmake', 'native', 'bindings'];
const scriptSources = ['tsconfig.json', 'lib', 'bench', 'examples', 'test'];
const addon = 'build/Release/convolt.node';

function step(title, make) {
  const start = Date.now();
  console.log(`${title} ...`);
  make();
  console.log(`${title}: done in ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

function installPackages() {
  quietly('npm', existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install', '--no-audit', '--no-fund');
  markMade('node_modules/.package-lock.json', Date.now());
}

function buildAddon() {
  const start = Date.now();
  quietly(process.execPath, 'scripts/build.mjs');
  markMade(addon, start);
}

function compileTypeScript() {
  const start = Date.now();
  quietly(process.execPath, 'node_modules/typescript/bin/tsc');
  markMade('dist/lib/index.js', start);
}

/** True when a binary for this machine came with the package. It serves even when sources are newer. */
function prebuilt() {
  const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.node'));
}

if (Number(process.versions.node.split('.')[0]) < 20) fail(`Node.js 20 or newer is needed, this is ${process.version}`);
if (outdated('node_modules/.package-lock.json', ['package-lock.json']))
  step('installing npm packages', installPackages);
if (!prebuilt() && outdated(addon, nativeSources, ['tests', 'bench'])) {
  installMissing({ tests: false });
  step('building the native core (some minutes the first time)', buildAddon);
}
if (outdated('dist/lib/index.js', scriptSources)) step('compiling TypeScript', compileTypeScript);

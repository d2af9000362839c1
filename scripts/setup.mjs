// Brings a fresh checkout to the state in which it runs: system packages, npm packages, the native core, TypeScript.
// Each part is skipped when it is there; needs nothing but Node.
import { fail, quietly } from './command.mjs';
import { markMade, outdated } from './freshness.mjs';
import { installMissing } from './system-packages.mjs';
import { ownTarget, prebuiltFile } from './targets.mjs';

const nativeSources = ['CMakeLists.txt', 'cmake', 'native', 'bindings'];
const scriptSources = ['tsconfig.json', 'lib', 'bench', 'examples', 'test'];
const addon = 'build/Release/convolt.node';
const published = 'dist/package/index.cjs';
const prebuilt = prebuiltFile(ownTarget);

function step(title, make) {
  const start = Date.now();
  console.log(`${title} ...`);
  make();
  console.log(`${title}: done in ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

// Not `npm ci`: it refuses a lock file written where some platforms' optional packages could not be had. This takes the
// versions of the lock file as well, and leaves the file as it is.
function installPackages() {
  quietly('npm', 'install', '--no-save', '--no-audit', '--no-fund');
  markMade('node_modules/.package-lock.json', Date.now());
}

function buildAddon() {
  const start = Date.now();
  quietly(process.execPath, 'scripts/build.mjs');
  markMade(addon, start);
}

// `npx convolt` in a clone runs the command as it is published.
function pack() {
  const start = Date.now();
  quietly(process.execPath, 'scripts/package.mjs');
  markMade(published, start);
}

function compileTypeScript() {
  const start = Date.now();
  quietly(process.execPath, 'node_modules/typescript/bin/tsc');
  markMade('dist/lib/index.js', start);
}

if (Number(process.versions.node.split('.')[0]) < 20) fail(`Node.js 20 or newer is needed, this is ${process.version}`);
if (outdated('node_modules/.package-lock.json', ['package-lock.json']))
  step('installing npm packages', installPackages);
if ([addon, prebuilt].every((binary) => outdated(binary, nativeSources, ['tests', 'bench']))) {
  installMissing({ tests: false });
  step('building the native core (some minutes the first time)', buildAddon);
}
if (outdated('dist/lib/index.js', scriptSources)) step('compiling TypeScript', compileTypeScript);
if (outdated(published, ['package.json', 'tsconfig.package.json', 'lib']))
  step('packing the library and the command', pack);

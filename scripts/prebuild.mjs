// Makes prebuilds/<platform>-<arch>/convolt.<libc>.node for this machine, or for `--target NAME` of scripts/targets.mjs; with
// --check it only tells which ones are missing.
// prebuildify names and places the file. It knows only node-gyp, so this file stands in for that too: prebuildify calls
// it back with 'rebuild', and it builds through CMake.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import prebuildify from 'prebuildify';
import { fail, root, show } from './command.mjs';
import { buildFolder, prebuiltFile, targetNames, targetOf } from './targets.mjs';

const variable = 'CONVOLT_PREBUILD_TARGET';

function build(name) {
  const status = show(process.execPath, 'scripts/build.mjs', '--target', name);
  const binary = join(buildFolder({ name }), 'Release', 'convolt.node');
  const inspects = status === 0 && name.startsWith('linux');
  process.exit(inspects ? show(process.execPath, 'scripts/inspect-binary.mjs', binary, '--release') : status);
}

function prebuild(target) {
  const { name, platform, arch, libc } = target;
  const cwd = dirname(buildFolder(target));
  process.env[variable] = name;
  mkdirSync(cwd, { recursive: true });
  prebuildify(
    {
      name: 'convolt',
      napi: true,
      platform,
      arch,
      ...(libc ? { libc, tagLibc: true } : {}),
      cwd,
      out: root,
      nodeGyp: `"${process.execPath}" "${fileURLToPath(import.meta.url)}"`,
      shell: true,
      targets: [],
    },
    (error) => {
      if (error) fail(`the binary for ${name} was not made: ${error.message}`);
    },
  );
}

/** Fails unless the binaries of all targets are there, as a package that is published needs them. */
function check() {
  const missing = targetNames.map(prebuiltFile).filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0) fail(`expected the binaries of all targets but ${missing.join(', ')} are missing`);
}

const parameters = process.argv.slice(2);
if (parameters[0] === 'rebuild') build(process.env[variable]);
else if (parameters[0] === '--check') check();
else prebuild(targetOf(parameters));

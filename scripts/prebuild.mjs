// Makes prebuilds/<platform>-<arch>/convolt.<libc>.node, for this machine or for `--target NAME` of scripts/targets.mjs.
// prebuildify names and places the file. It knows only node-gyp, so this file stands in for that too: prebuildify calls
// it back with 'rebuild', and it builds through CMake.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import prebuildify from 'prebuildify';
import { fail, root, show } from './command.mjs';
import { buildFolder, targetOf } from './targets.mjs';

const variable = 'CONVOLT_PREBUILD_TARGET';

function build(name) {
  process.exit(show(process.execPath, 'scripts/build.mjs', '--target', name));
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

const parameters = process.argv.slice(2);
if (parameters[0] === 'rebuild') build(process.env[variable]);
else prebuild(targetOf(parameters));

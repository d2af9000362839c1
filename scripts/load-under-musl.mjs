// Loads the binary for linux-x64-musl with musl's own loader, by a small program in C, since there is no Node for musl here.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, quietly, root, show } from './command.mjs';
import { prebuiltFile } from './targets.mjs';

const addon = join(root, prebuiltFile('linux-x64-musl'));
if (!existsSync(addon)) fail(`expected ${addon} to be there; make it with npm run prebuild -- --target linux-x64-musl`);
const { stdout } = spawnSync('nm', ['--dynamic', '--undefined-only', addon], { encoding: 'utf8' });
const asked = [...stdout.matchAll(/ U ((?:napi|node_api)_\w+)/g)].map((match) => match[1]);

const folder = join(root, 'build', 'linux-x64-musl');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'node-api.inc'), asked.map((name) => `REFUSES(${name})\n`).join(''));
const host = join(folder, 'addon-host');
quietly('musl-gcc', '-rdynamic', '-I', folder, '-o', host, join(root, 'native', 'tests', 'addon-host.c'));
process.exitCode = show(host, addon);

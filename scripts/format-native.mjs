// Formats the C++ sources with clang-format; with --check it only tells which ones are not.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { available, fail, root, show } from './command.mjs';

if (!available('clang-format'))
  fail('clang-format is missing; on Debian and Ubuntu: sudo apt-get install clang-format');
const sources = ['native', 'bindings'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((name) => /\.(cc|h)$/.test(name))
    .map((name) => join(folder, name)),
);
const mode = process.argv.includes('--check') ? ['--dry-run', '-Werror'] : ['-i'];
process.exit(show('clang-format', ...mode, ...sources));

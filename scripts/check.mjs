// Everything that must hold before a change is handed in: format, lint, types, build, tests.
import { fail, show } from './command.mjs';

const node = process.execPath;
const checks = {
  'format and lint (TypeScript)': ['node_modules/@biomejs/biome/bin/biome', 'check', '.'],
  'format (C++)': ['scripts/format-native.mjs', '--check'],
  types: ['node_modules/typescript/bin/tsc', '--noEmit'],
  build: ['scripts/setup.mjs'],
  tests: ['scripts/test.mjs'],
};
for (const [name, parameters] of Object.entries(checks)) {
  console.log(`== ${name}`);
  if (show(node, ...parameters) !== 0) fail(`check '${name}' failed`);
}

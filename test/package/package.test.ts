/** What is published: one instance of the library for both kinds of module, and the user's line first in every stack. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as library from '../../lib';

const root = join(__dirname, '..', '..');
const folder = join(root, 'dist', 'package');
const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'convolt-package-'));

/** What a file of the user prints, with `library` for the path of the library's file for that kind of module. */
function printed(name: string, text: string): string {
  const entry = join(folder, name.endsWith('.mjs') ? 'index.mjs' : 'index.cjs');
  writeFileSync(join(home, name), text.replaceAll('LIBRARY', entry).replaceAll('FOLDER', folder));
  return execFileSync(process.execPath, [join(home, name)], { encoding: 'utf8' });
}

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'scripts', 'package.mjs')]);
});
afterAll(() => rmSync(home, { recursive: true }));

test('has every name of the library, for require and for import', () => {
  const names = Object.keys(library).sort();
  const show = 'console.log(JSON.stringify(Object.keys(convolt).sort()))';
  expect(JSON.parse(printed('names.cjs', `const convolt = require('LIBRARY'); ${show}`))).toEqual(names);
  expect(JSON.parse(printed('names.mjs', `import * as convolt from 'LIBRARY'; ${show}`))).toEqual(names);
});

test('is one instance for both kinds of module', () => {
  const text = `import { ConvoltError, layers } from 'LIBRARY';
    import { createRequire } from 'node:module';
    const required = createRequire(import.meta.url)('FOLDER/index.cjs');
    console.log(required.layers === layers && required.ConvoltError === ConvoltError);`;
  expect(printed('one.mjs', text)).toBe('true\n');
});

test.each(['frames.cjs', 'frames.mjs'])('shows the line of the user first: %s', (name) => {
  const load = name.endsWith('.mjs') ? "import { layers } from 'LIBRARY';" : "const { layers } = require('LIBRARY');";
  const text = `${load}\ntry {\n  layers.dense(-1);\n} catch (error) {\n  console.log(error.stack);\n}`;
  const [message, first, ...others] = printed(name, text).split('\n');
  expect(message).toMatch(/^ConvoltError: dense: expected /);
  expect(first).toContain(`${name}:3:`);
  expect(others.join('\n')).not.toContain(folder);
});

test('has the files that package.json names, and no other packages to install', () => {
  const { main, types, bin, exports, dependencies, scripts } = description;
  const named = [
    main,
    types,
    bin.convolt,
    ...Object.values(exports['.']).flatMap((each) => Object.values(each as object)),
  ];
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(dependencies ?? {}).toEqual({});
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
  expect(existsSync(join(root, 'binding.gyp'))).toBe(false); // npm would build from it
  const found = spawnSync(
    process.execPath,
    [join(root, 'node_modules/publint/src/cli.js'), '--pack', 'false', '--strict'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  expect([found.status, found.stderr]).toEqual([0, '']);
});

test('reads pictures and gives the licences of what it contains', () => {
  const text = `const { io } = require('LIBRARY');
    const image = { dtype: 'uint8', shape: [1, 2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    console.log(String(io.decodePng(io.encodePng(image)).data));`;
  expect(printed('picture.cjs', text)).toBe('1,2,3,4,5,6\n');
  const licences = readFileSync(join(folder, 'licences.txt'), 'utf8');
  for (const name of ['cli-progress', 'commander', 'fast-png', 'pako']) expect(licences).toContain(`== ${name} `);
});

test('has a command', () => {
  const shown = execFileSync(process.execPath, [join(folder, 'cli.cjs'), 'info', '--json'], { encoding: 'utf8' });
  expect(JSON.parse(shown)).toMatchObject({ version: description.version });
});

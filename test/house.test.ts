/** The house as architecture.md draws it: floors, file sizes, kernel lists on both sides, and cases for every op. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { registry } from '../lib/graph/define-op';
import { reachable } from '../lib/graph/value';
import * as allOps from '../lib/ops';
import { copy } from '../lib/ops/copy';
import { opcodes } from '../lib/ops/elementwise';
import { referenceOps } from '../lib/reference';
import { buildCase, cases } from './cases';

const root = join(__dirname, '..');

function filesUnder(folder: string, ending: RegExp): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name));
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const language = [
  'functions',
  'initializers',
  'losses',
  'regularizers',
  'optimizers',
  'schedules',
  'metrics',
  'layers',
];
const machine = ['compiler', 'reference', 'runtime'];
/** Numbers on the host: they stand on the machine, and the roof on them. */
const host = ['linalg', 'math'];
const roof = ['models', 'compress', 'data', 'io', 'cli'];

/** Floors that each floor may import. */
const allowed: Readonly<Record<string, readonly string[]>> = Object.fromEntries([
  ['graph', ['graph']],
  ['ops', ['graph', 'ops']],
  ...language.map((floor) => [floor, ['graph', 'ops', ...language]]),
  ...machine.map((floor) => [floor, ['graph', 'ops', ...machine]]),
  ['linalg', ['graph', 'runtime', 'linalg']],
  ['math', ['graph', 'ops', 'functions', ...machine, ...host]],
  ...roof.map((floor) => [floor, ['graph', 'ops', ...language, ...machine, ...host, ...roof]]),
]);

const floorOf = (file: string): string => relative('lib', file).split('/')[0] as string;

/** Files of the library that `file` imports, relative to the repository. */
function importsOf(file: string): string[] {
  const specifiers = [...read(file).matchAll(/(?:from|import|require)\s*\(?\s*'(\.[^']+)'/g)].map(
    (match) => match[1] as string,
  );
  return specifiers.map((specifier) => relative(root, join(root, file, '..', specifier)));
}

const libraryFiles = filesUnder('lib', /\.ts$/);
const nativeFiles = filesUnder('native', /\.(cc|h|inc)$/);

/** The names in the rows of a list such as KERNEL(name). */
const rowsOf = (file: string, macro: string): string[] =>
  [...read(file).matchAll(new RegExp(`^${macro}\\((\\w+)`, 'gm'))].map((match) => match[1] as string);

describe('floors', () => {
  test('every folder of lib stands on a floor', () => {
    const floors = libraryFiles.map(floorOf).filter((floor) => !floor.endsWith('.ts'));
    expect([...new Set(floors)].filter((floor) => !(floor in allowed))).toEqual([]);
  });

  test('imports go downward and the wings do not meet', () => {
    const upward = libraryFiles.flatMap((file) => {
      const floors = allowed[floorOf(file)];
      if (!floors) return [];
      return importsOf(file)
        .filter((target) => !floors.includes(floorOf(target)))
        .map((target) => `${file} -> ${target}`);
    });
    expect(upward).toEqual([]);
  });

  test('Node-API stays out of the core', () => {
    expect(nativeFiles.filter((file) => /#\s*include\s*[<"](napi|node_api)/.test(read(file)))).toEqual([]);
  });

  test('one file knows the BLAS', () => {
    const users = [...nativeFiles, ...filesUnder('bindings', /\.(cc|h)$/)].filter((file) =>
      /#\s*include\s*[<"]cblas\.h/.test(read(file)),
    );
    expect(users).toEqual(['native/gemm/sgemm.cc']);
  });
});

describe('linear algebra', () => {
  test('one room knows Eigen', () => {
    const users = nativeFiles.filter((file) => /#\s*include\s*<(unsupported\/)?Eigen/.test(read(file)));
    expect(users.every((file) => file.startsWith('native/linalg/'))).toBe(true);
  });
});

describe('files', () => {
  const sources = [...libraryFiles, ...nativeFiles, ...filesUnder('bindings', /\.(cc|h)$/)];

  test('none is longer than 300 lines', () => {
    expect(sources.filter((file) => read(file).split('\n').length > 301)).toEqual([]);
  });

  test('names are kebab-case', () => {
    const isHeaderOfBase = (file: string) => file.startsWith('native/base/');
    expect(
      sources.filter(
        (file) => !isHeaderOfBase(file) && !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(file.split('/').at(-1) as string),
      ),
    ).toEqual([]);
  });

  test('each begins with a comment', () => {
    expect(sources.filter((file) => !/^(#!.*\n)?(\/\*\*|\/\/|#pragma once\s*\n*\/\/)/.test(read(file)))).toEqual([]);
  });

  test('none exports a default', () => {
    expect(libraryFiles.filter((file) => /^export default/m.test(read(file)))).toEqual([]);
  });
});

describe('the catalogue', () => {
  test('lists every public name with its doc comment and its test', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/catalogue.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

/** Ops that have something to compute. */
const computed = [...registry.values()].filter((op) => op.kind !== 'source');

describe('lists agree on both sides', () => {
  test('kernels', () => {
    const ops = computed.filter((op) => op.kind === 'kernel').map((op) => op.name);
    expect(rowsOf('native/kernels/kernels.inc', 'KERNEL').sort()).toEqual([...ops, 'elementwise'].sort());
  });

  test('every kernel is made once', () => {
    const made = nativeFiles.flatMap((file) => rowsOf(file, 'CONVOLT_KERNEL'));
    const rows = rowsOf('native/kernels/kernels.inc', 'KERNEL');
    expect(made.sort()).toEqual(rows.sort());
  });

  test('opcodes, in order', () => {
    const rows = [...read('native/elementwise/ops.inc').matchAll(/^[A-Z][A-Z0-9_]*\((\w+)/gm)].map((match) => match[1]);
    expect(rows).toEqual([...opcodes, 'mulAdd']);
  });
});

describe('every op is tested', () => {
  test('the library exports every family', () => {
    expect(Object.keys(allOps).length).toBeGreaterThan(80);
    expect(typeof copy).toBe('function');
  });

  test('the reference computes it', () => {
    expect(computed.map((op) => op.name).filter((name) => !(name in referenceOps))).toEqual([]);
  });

  test('it has two cases, which use it', () => {
    const uses = new Map<string, number>();
    for (const opCase of cases) {
      const names = new Set(reachable(buildCase(opCase).outputs).map((node) => node.op.name));
      if (names.has(opCase.op)) uses.set(opCase.op, (uses.get(opCase.op) ?? 0) + 1);
    }
    expect(computed.map((op) => op.name).filter((name) => (uses.get(name) ?? 0) < 2)).toEqual([]);
  });

  test('with a gradient rule it has a differentiable case', () => {
    const checked = new Set(cases.filter((opCase) => opCase.differentiable).map((opCase) => opCase.op));
    expect(computed.filter((op) => op.gradient && !checked.has(op.name)).map((op) => op.name)).toEqual([]);
  });

  test('every case names an op of the registry', () => {
    expect(cases.filter((opCase) => !registry.has(opCase.op)).map((opCase) => opCase.name)).toEqual([]);
  });
});

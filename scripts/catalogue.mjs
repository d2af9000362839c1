// Writes docs/catalogue.md: every public name with the first paragraph of its doc comment, its source and its test.
// With --check it only says what is missing or out of date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fail, root } from './command.mjs';

const page = join(root, 'docs', 'catalogue.md');
const read = (file) => readFileSync(file, 'utf8');

const resolved = (from, specifier) => {
  const path = join(dirname(from), specifier);
  return existsSync(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts');
};

const declaration =
  /^export (?:declare )?(?:async )?(?:abstract )?(function|const|class|interface|type|enum)\*? (\w+)/gm;
const everything = /^export \*(?: as (\w+))? from '([^']+)';/gm;
const chosen = /^export (type )?\{([^}]*)\} from '([^']+)';/gm;

/** A paragraph in one line; the lines of a formula, which are indented, are set apart. */
const oneLine = (paragraph) =>
  /^ {4}/.test(paragraph)
    ? paragraph
        .split('\n')
        .map((line) =>
          line
            .trim()
            .replace(/[;,]?\s{3,}/g, '; ')
            .replace(/\s+/g, ' ')
            .replace(/[;,]$/, ''),
        )
        .join('; ')
    : paragraph.split('\n').join(' ').trim();

/** The doc comment that ends right before `at`: its first paragraph in one line, and if that leads to a formula, this too. */
function docBefore(text, at) {
  const before = text
    .slice(0, at)
    .trimEnd()
    .replace(/(\s*\/\/.*)+$/, '');
  if (!before.endsWith('*/')) return undefined;
  const comment = before.slice(before.lastIndexOf('/**') + 3, -2);
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  const [description] = lines
    .join('\n')
    .replace(/^\n+|^ (?! )/, '')
    .split(/\n(?=@)|^@/);
  const [first, formula, rest] = description.split(/\n\s*\n|\n(?=- )/);
  const doc = [oneLine(first.trimEnd())];
  if (/[^.)]$/.test(doc[0]) && /^ {4}/.test(formula ?? '')) {
    const end = /^[a-z]/.test(rest ?? '') ? `, ${oneLine(rest).replace(/(?<=[\w)]\.) .*$/, '')}` : '.';
    doc.push(`${oneLine(formula)}${end}`.replace('....', '...'));
  }
  return doc.join(' ');
}

/** What a module exports: name to { file, kind, doc }, and its namespaces: name to module. */
function exportsOf(file) {
  const text = read(file);
  const names = new Map();
  const namespaces = new Map();
  for (const match of text.matchAll(declaration)) {
    const [, kind, name] = match;
    if (!names.has(name)) names.set(name, { file, kind, doc: docBefore(text, match.index) });
  }
  for (const [, as, specifier] of text.matchAll(everything)) {
    if (as) namespaces.set(as, resolved(file, specifier));
    else for (const [name, entry] of exportsOf(resolved(file, specifier)).names) names.set(name, entry);
  }
  for (const [, , list, specifier] of text.matchAll(chosen)) {
    const target = exportsOf(resolved(file, specifier)).names;
    for (const part of list
      .split(',')
      .map((each) => each.trim().replace(/^type /, ''))
      .filter(Boolean)) {
      const [name, as = name] = part.split(/ as /);
      names.set(as, target.get(name) ?? fail(`${relative(root, file)}: no declaration of '${name}' was found`));
    }
  }
  return { names, namespaces };
}

const isType = ({ kind }) => kind === 'interface' || kind === 'type';

const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ts$/.test(name))
  .sort((a, b) => Number(b.startsWith('catalogue/')) - Number(a.startsWith('catalogue/')) || (a < b ? -1 : 1))
  .map((name) => ({ file: join(root, 'test', name), words: new Set(read(join(root, 'test', name)).match(/\w+/g)) }));

const link = (text, file) => `[${text}](../${relative(root, file)})`;

/** Names whose doc comment or test is missing. */
const missing = [];

function row(title, name, entry) {
  if (!entry.doc) missing.push(`${title}.${name} (${relative(root, entry.file)}) has no doc comment`);
  const test = tests.find(({ words }) => words.has(name));
  if (!test && !isType(entry)) missing.push(`${title}.${name} (${relative(root, entry.file)}) is in no test`);
  const doc = (entry.doc ?? '').replaceAll('|', '\\|').replaceAll('<', '&lt;');
  return `| \`${name}\` | ${doc} | ${link('source', entry.file)}${test ? ` · ${link('test', test.file)}` : ''} |`;
}

function section(title, names) {
  const entries = [...names].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const values = entries.filter(([, entry]) => !isType(entry));
  const types = entries.filter(([, entry]) => isType(entry));
  const lines = values.map(([name, entry]) => row(title, name, entry));
  for (const [name, { file, doc }] of types) {
    if (!doc && !/Options$/.test(name)) missing.push(`${title}.${name} (${relative(root, file)}) has no doc comment`);
  }
  const listed = types.map(([name, { file }]) => link(`\`${name}\``, file)).join(', ');
  return [
    `## ${title}`,
    '',
    '| name | what it is | where |',
    '|---|---|---|',
    ...lines,
    ...(listed ? ['', `Types: ${listed}.`] : []),
    '',
  ].join('\n');
}

const { names, namespaces } = exportsOf(join(root, 'lib', 'index.ts'));
const text = [
  '# Catalogue',
  '',
  'Every public name, written by `node scripts/catalogue.mjs` from the doc comments.',
  '',
  section('convolt', names),
  ...[...namespaces].map(([name, file]) => section(name, exportsOf(file).names)),
].join('\n');

if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (!existsSync(page) || read(page) !== text) {
  missing.push('docs/catalogue.md is out of date: run `node scripts/catalogue.mjs`');
}
if (missing.length > 0) fail(`the catalogue lacks something:\n${missing.join('\n')}`);

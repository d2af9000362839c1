// Makes dist/package, which is what is published: the library and the command in one file each, with the few small
// packages that they use inside, the names for ES modules, and the types. One file loads ten times as fast as 460.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { fail, quietly, root } from './command.mjs';

const folder = join(root, 'dist', 'package');

/** The npm packages whose files are among the inputs of a bundle. */
const packagesIn = ({ inputs }) => [
  ...new Set(Object.keys(inputs).flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? [])),
];

/** The licence of a package as it comes with it. */
function licenceOf(name) {
  const from = join(root, 'node_modules', name);
  const file = readdirSync(from).find((each) => /^licen[cs]e/i.test(each));
  if (!file) fail(`the package ${name}, which is bundled, has no licence file`);
  const { version, license } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  return `== ${name} ${version}, ${license}\n\n${readFileSync(join(from, file), 'utf8').trim()}\n`;
}

/** What reads pictures, a fifth of the whole, stands in a file of its own, which is loaded with the first picture. */
const pictures = {
  name: 'pictures',
  setup({ onResolve }) {
    onResolve({ filter: /^fast-png$/ }, ({ kind }) =>
      kind === 'require-call' ? { path: './png.cjs', external: true } : undefined,
    );
  },
};

async function bundle() {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { index: 'lib/index.ts', cli: 'lib/cli/main.ts', png: 'fast-png' },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    plugins: [pictures],
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(folder, 'licences.txt'), packagesIn(metafile).sort().map(licenceOf).join('\n'));
}

// Both kinds of module share one instance of the library, so that `instanceof` holds between them. Node.js looks through a
// file for the names that it exports before it imports it, for longer than it takes to load the library; instance.cjs
// tells it nothing.
function writeModule() {
  const names = Object.keys(createRequire(import.meta.url)(join(folder, 'index.cjs'))).sort();
  const files = {
    'instance.cjs': "const convolt = require('./index.cjs');\nmodule.exports = convolt;\n",
    'index.mjs': `import convolt from './instance.cjs';\n\nexport const { ${names.join(', ')} } = convolt;\n`,
    'index.d.mts': "export * from './types/index.js';\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

rmSync(folder, { recursive: true, force: true });
quietly(process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.package.json');
await bundle();
writeModule();

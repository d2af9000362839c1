#!/usr/bin/env node
// Tells what a built addon asks of the machine that loads it, and fails when that is more than it may:
//   node scripts/inspect-binary.mjs FILE [--release] [--glibc 2.28] [--megabytes 9]
// With --release it must hold the C++ library, need no newer glibc and be no larger than that. Needs binutils, and
// FILE.map, which the linker writes beside the addon.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { available, fail } from './command.mjs';
import { allowed, machines } from './instructions.mjs';

const wantedExports = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    release: { type: 'boolean', default: false },
    glibc: { type: 'string', default: '2.28' },
    megabytes: { type: 'string', default: '9' },
  },
});
const [file] = positionals;
if (!file || !existsSync(file))
  fail(`expected the path of a built addon but got ${file}; do npm run build:native first`);

const complaints = [];
const complain = (text) => complaints.push(text);

function readelf(...parameters) {
  const { status, stdout, error } = spawnSync('readelf', ['-W', ...parameters, file], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0)
    fail(`readelf could not read ${file}; is it a library of Linux, and is binutils installed? ${error ?? ''}`);
  return stdout;
}

const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);
const number = (version) => version.split('.').reduce((sum, part, place) => sum + Number(part) / 1000 ** place, 0);
const newest = (versions) => versions.sort((a, b) => number(a) - number(b)).at(-1);

/** Symbols, libraries and versions: what the loader of the system sees. */
function inspectInterface() {
  const symbols = readelf('--dyn-syms').split('\n');
  const named = symbols.map((line) => /(GLOBAL|WEAK|UNIQUE) +DEFAULT +(UND|\d+) (\S+)/.exec(line)).filter(Boolean);
  const exported = named.filter(([, , place]) => place !== 'UND').map(([, , , name]) => name);
  console.log(`exports      ${exported.join(', ')}`);
  if (exported.sort().join() !== wantedExports.join())
    complain(`expected it to export ${wantedExports.join(' and ')} alone`);

  const needed = all(readelf('-d'), /NEEDED.*\[(.+)\]/g);
  console.log(`libraries    ${needed.join(', ')}`);
  const versions = all(symbols.join('\n'), / UND \S+@([A-Z]+_[0-9.]+)/g);
  const of = (prefix) =>
    versions.filter((version) => version.startsWith(prefix)).map((version) => version.slice(prefix.length));
  const glibc = newest(of('GLIBC_'));
  console.log(`glibc        ${glibc ? `${glibc} or newer` : 'not needed'}`);
  const inside = !needed.some((name) => name.startsWith('libstdc++'));
  console.log(`C++ library  ${inside ? 'inside' : `GLIBCXX_${newest(of('GLIBCXX_'))} or newer`}`);
  if (options.release && !inside) complain('expected the C++ library to be inside');
  if (!glibc) return;
  if (options.release && number(glibc) > number(options.glibc)) {
    const guilty = all(symbols.join('\n'), / UND (\S+)@GLIBC_\S+/g).filter(
      (_, i) => number(of('GLIBC_')[i] ?? '0') > number(options.glibc),
    );
    complain(
      `expected it to need no glibc newer than ${options.glibc} but it needs ${glibc}, for ${guilty.join(', ')}`,
    );
  }
  // What the linker did not find in any library has no version, and may be missing elsewhere.
  const unknown = named.filter(
    ([, kind, place, name]) => kind === 'GLOBAL' && place === 'UND' && !/@|^(napi|node_api)_/.test(name),
  );
  if (unknown.length)
    complain(`expected a library for each of its symbols but none has ${unknown.map((m) => m[3]).join(', ')}`);
}

function inspectProtection() {
  const segments = readelf('-l');
  const executable = / GNU_STACK .* RWE /.test(segments);
  const now = /FLAGS_1.*NOW/.test(readelf('-d')) && segments.includes('GNU_RELRO');
  console.log(`stack        ${executable ? 'executable' : 'not executable'}`);
  console.log(`relocations  ${now ? 'read-only once loaded' : 'writable'}`);
  if (executable) complain('expected its stack not to be executable');
}

/** The pieces of code in order of address: [start, end, section, object], of the linker's map. */
function pieces(map) {
  const body = map.slice(map.indexOf('Linker script and memory map'));
  const found = [...body.matchAll(/^ (\.(?:text|init|fini|plt)\S*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$/gm)];
  return found
    .map(([, section, start, size, object]) => [
      parseInt(start, 16),
      parseInt(start, 16) + parseInt(size, 16),
      section,
      object,
    ])
    .filter(([start, end]) => start > 0 && end > start)
    .sort((a, b) => a[0] - b[0]);
}

async function inspectInstructions() {
  const machine = machines[/Machine: +(.+)/.exec(readelf('-h'))[1]];
  if (!machine) return console.log('instructions not read: this script does not know the machine');
  if (!existsSync(`${file}.map`)) {
    if (options.release) complain(`expected the linker's map at ${file}.map`);
    return console.log('instructions not read: there is no map');
  }
  const parts = pieces(readFileSync(`${file}.map`, 'utf8'));
  const program = available(machine.objdump) ? machine.objdump : 'objdump';
  const disassembly = spawn(program, ['-d', '-w', '-z', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => disassembly.on('close', resolve));
  const wrong = new Map();
  const beyond = new Map();
  let count = 0;
  let at = 0;
  let may = [];
  let mayOf = -1;
  for await (const line of createInterface({ input: disassembly.stdout })) {
    const instruction = /^ *([0-9a-f]+):\t([0-9a-f ]+?) *\t(.+)$/.exec(line);
    if (!instruction) continue;
    count++;
    const asked = machine.asks(instruction[2], instruction[3]);
    if (!asked) continue;
    const address = parseInt(instruction[1], 16);
    while (at < parts.length - 1 && parts[at][1] <= address) at++;
    const [start, end, section, object] = parts[at];
    if (at !== mayOf) [may, mayOf] = [allowed(section, object), at];
    if (address >= start && address < end && may.includes(asked)) beyond.set(asked, (beyond.get(asked) ?? 0) + 1);
    else if (!wrong.has(section + object))
      wrong.set(section + object, `${section} of ${object}: ${instruction[3].trim()} (${asked})`);
  }
  if ((await closed) !== 0 || count === 0) return complain(`${program} could not disassemble it`);
  const dispatched = [...beyond].map(([name, many]) => `${many} of ${name}`).join(', ') || 'none';
  console.log(`instructions ${count}; beyond ${machine.baseline} and chosen at run time: ${dispatched}`);
  for (const text of wrong.values()) complain(`expected nothing beyond ${machine.baseline} but found ${text}`);
}

const megabytes = statSync(file).size / 1e6;
console.log(`file         ${file}\nsize         ${megabytes.toFixed(2)} MB`);
if (options.release && megabytes > Number(options.megabytes))
  complain(`expected at most ${options.megabytes} MB but got ${megabytes}`);
inspectInterface();
inspectProtection();
await inspectInstructions();
for (const text of complaints.slice(0, 20)) console.error(`convolt: ${text}`);
if (complaints.length > 20) console.error(`convolt: and ${complaints.length - 20} more`);
process.exitCode = complaints.length ? 1 : 0;

/** Which native binary is loaded, and what is said when none can be. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadBinary, type Surroundings } from '../../lib/runtime/binary';
import { beginning, dynamicLoader, libcOf, missingInstructions } from '../../lib/runtime/machine';

const root = join(__dirname, '..', '..');
const real = join(root, 'build', 'Release', 'convolt.node');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const onGlibc = process.platform === 'linux' && libcOf(process.execPath) === 'glibc' ? test : test.skip;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A package in a folder of its own, with these files: text, or a link to the binary that was built here. */
function packageWith(files: Record<string, string | Buffer>, itsVersion = version): string {
  const folder = mkdtempSync(join(tmpdir(), 'convolt-binary-'));
  folders.push(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: itsVersion }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    if (content === real) symlinkSync(real, join(folder, name));
    else writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** An executable of 64 bits whose second segment names a dynamic loader, far behind the segments. */
function executable(loader: string): Buffer {
  const bytes = Buffer.alloc(9000);
  bytes.write('\x7fELF\x02\x01', 'latin1');
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  bytes.writeUInt32LE(6, 64);
  bytes.writeUInt32LE(3, 64 + 56);
  bytes.writeBigUInt64LE(8500n, 64 + 56 + 8);
  bytes.writeBigUInt64LE(BigInt(loader.length + 1), 64 + 56 + 32);
  bytes.write(loader, 8500, 'latin1');
  return bytes;
}

const musl = '/lib/ld-musl-x86_64.so.1';
const local = 'build/Release/convolt.node';
const glibc = 'prebuilds/linux-x64/convolt.glibc.node';
const machine = { platform: 'linux', arch: 'x64', executable: '/no/such/node', cpuinfo: () => '', forced: undefined };

/** The message of the error that loading throws. */
function refusal(folder: string, more: Partial<Surroundings> = {}): string {
  try {
    loadBinary({ ...machine, folder, ...more });
  } catch (error) {
    const { name, code, message } = error as Error & { code: string };
    expect([name, code]).toEqual(['ConvoltError', 'NATIVE']);
    return message.replaceAll(`${folder}/`, '');
  }
  throw new Error('nothing was thrown');
}

describe('the choice', () => {
  const load = (path: string) => ({ version, path });
  const chosen = (folder: string, more: Partial<Surroundings> = {}): string =>
    (loadBinary({ ...machine, folder, load, ...more }) as { path: string }).path.replace(`${folder}/`, '');

  test('is the local build, then the prebuilt binary', () => {
    expect(chosen(packageWith({ [local]: '', [glibc]: '' }))).toBe(local);
    expect(chosen(packageWith({ [glibc]: '' }))).toBe(glibc);
  });

  test('goes by platform, processor and C library', () => {
    const names = [
      'linux-x64/convolt.glibc',
      'linux-x64/convolt.musl',
      'linux-arm64/convolt.glibc',
      'darwin-arm64/convolt',
    ];
    const paths = names.map((name) => `prebuilds/${name}.node`);
    const folder = packageWith({ ...Object.fromEntries(paths.map((path) => [path, ''])), node: executable(musl) });
    expect(chosen(folder)).toBe(paths[0]);
    expect(chosen(folder, { executable: join(folder, 'node') })).toBe(paths[1]);
    expect(chosen(folder, { arch: 'arm64' })).toBe(paths[2]);
    expect(chosen(folder, { platform: 'darwin', arch: 'arm64' })).toBe(paths[3]);
  });

  test('passes over a local build of another version', () => {
    const folder = packageWith({ [local]: '', [glibc]: '' });
    const versions = (path: string) => ({ version: path.includes('Release') ? '0.0.1' : version, path });
    expect(chosen(folder, { load: versions })).toBe(glibc);
  });

  test('is what CONVOLT_BINARY names, and nothing else', () => {
    const folder = packageWith({ [local]: '', 'other.node': '' });
    expect(chosen(folder, { forced: join(folder, 'other.node') })).toBe('other.node');
    expect(refusal(folder, { forced: join(folder, 'none.node') })).toContain('none of 1: none.node (no such file)');
    const odd = refusal(folder, { forced: join(folder, 'package.json') });
    expect(odd).toMatch(/package\.json \(its name does not end in '\.node'\); rename it$/);
    process.env.CONVOLT_BINARY = join(folder, 'other.node');
    try {
      expect((loadBinary({ folder, load }) as { path: string }).path).toBe(process.env.CONVOLT_BINARY);
    } finally {
      delete process.env.CONVOLT_BINARY;
    }
  });

  test('loads the real one', () => {
    expect(loadBinary()).toHaveProperty('version', version);
  });
});

describe('the refusal', () => {
  test('lists every path that was tried and what there is', () => {
    const others = [
      'prebuilds/linux-arm64/convolt.glibc.node',
      'prebuilds/linux-arm64/convolt.musl.node',
      'prebuilds/win32-x64/convolt.node',
    ];
    expect(refusal(packageWith(Object.fromEntries(others.map((path) => [path, '']))))).toBe(
      `convolt: expected a native binary for linux-x64 (glibc) to load but got none of 2: ${local} (no such file), ${glibc} (no such file); there are binaries for linux-arm64 (glibc, musl), win32-x64; build it in a clone of the repository with 'npm run build:native'`,
    );
    expect(refusal(packageWith({}), { platform: 'sunos', arch: 's390x' })).toBe(
      `convolt: expected a native binary for sunos-s390x to load but got none of 2: ${local} (no such file), prebuilds/sunos-s390x/convolt.node (no such file); build it in a clone of the repository with 'npm run build:native'`,
    );
  });

  test('tells of a build of another version', () => {
    expect(refusal(packageWith({ [local]: real }, '9.9.9'))).toContain(
      `none of 2: ${local} (version ${version} instead of 9.9.9), ${glibc} (no such file); there`.replace(
        '; there',
        '',
      ),
    );
    const message = refusal(packageWith({ [local]: '' }), { load: () => ({}) });
    expect(message).toContain(`(version unknown instead of ${version})`);
    expect(message).toMatch(/; run 'npm run build:native' in a clone, or install convolt anew$/);
  });

  onGlibc('tells of a damaged file and of one for another kind of machine', () => {
    const text = refusal(packageWith({ [local]: 'no binary' }));
    expect(text).toMatch(
      /convolt\.node \(file too short\), .*; the file is damaged or of another kind of machine: install convolt anew$/,
    );
    const narrow = readFileSync(process.execPath).subarray(0, 4096);
    narrow[4] = 1;
    expect(refusal(packageWith({ [local]: narrow }))).toContain('convolt.node (wrong ELF class: ELFCLASS32)');
  });

  onGlibc('tells which C library a binary needs', () => {
    const bytes = readFileSync(real);
    const at = bytes.indexOf('\0GLIBC_2.') + '\0GLIBC_'.length;
    bytes[at] = '7'.charCodeAt(0);
    const message = refusal(packageWith({ [local]: bytes }));
    expect(message).toMatch(/convolt\.node \(.*version `GLIBC_7\.[\d.]+' not found \(required by it\)\)/);
    expect(message).toMatch(/; this system is older than the binary: use a newer one, or build it in a clone .*$/);
  });

  test.each([
    [
      'Error loading shared library ld-linux-x86-64.so.2: No such file (needed by it)',
      'this system lacks what it names',
    ],
    ['libgomp.so.1: cannot open shared object file: No such file or directory', 'this system lacks what it names'],
    ['Error relocating it: gnu_get_libc_version: symbol not found', 'this system lacks what it names'],
    ['failed to map segment from shared object', 'allow programs to run from there'],
    ['Cannot load native addon because loading addons is disabled.', 'start Node.js with --allow-addons'],
    ["Module did not self-register: 'it'.", 'the file is damaged or of another kind of machine'],
  ])('says what to do about: %s', (reason, remedy) => {
    const folder = packageWith({ [glibc]: '' });
    const path = join(folder, glibc);
    const cause = new Error(`${path}: ${reason.replace('it', path)}\nmore`);
    const load = () => {
      throw cause;
    };
    const message = refusal(folder, { load });
    expect(message).toContain(`(${reason})`);
    expect(message).toContain(`; ${remedy}`);
    expect(() => loadBinary({ ...machine, folder, load })).toThrow(expect.objectContaining({ cause }));
  });

  test('comes before the first instruction that a processor does not know', () => {
    const core2 = 'processor\t: 0\nflags\t\t: fpu sse sse2 pni ssse3 cx16 sse4_1 lahf_lm\n';
    const folder = packageWith({ [local]: real });
    expect(refusal(folder, { cpuinfo: () => core2 })).toBe(
      "convolt: expected a processor of the level x86-64-v2 but got one without popcnt, sse4_2; use one made since 2011, or let the virtual machine show its processor's instructions",
    );
    expect(loadBinary({ ...machine, folder, arch: 'arm64', cpuinfo: () => core2 })).toBeDefined();
  });
});

describe('the machine', () => {
  test('its C library is that of the executable', () => {
    const folder = packageWith({ musl: executable(musl), glibc: executable('/lib/ld-linux-aarch64.so.1'), text: 'x' });
    expect(['musl', 'glibc', 'text', 'none'].map((name) => libcOf(join(folder, name)))).toEqual([
      'musl',
      'glibc',
      'glibc',
      'glibc',
    ]);
    expect(dynamicLoader(join(folder, 'musl'))).toBe(musl);
    expect(dynamicLoader(join(folder, 'text'))).toBeUndefined();
    if (process.platform !== 'linux') return;
    const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
    expect(libcOf(process.execPath)).toBe(header.glibcVersionRuntime ? 'glibc' : 'musl');
  });

  test('nothing is said of processors that are described otherwise', () => {
    expect(missingInstructions('')).toEqual([]);
    expect(missingInstructions('Features : fp asimd\n')).toEqual([]);
    expect(missingInstructions(beginning('/proc/cpuinfo'))).toEqual([]);
    expect(beginning('/no/such/file')).toBe('');
  });
});

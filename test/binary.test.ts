/** scripts/inspect-binary.mjs: what the built addon asks of a machine, and that each fault that is planted is found. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..');
const run = (program: string, ...parameters: string[]) => spawnSync(program, parameters, { encoding: 'utf8' });
const inspect = (file: string, ...options: string[]) =>
  run(process.execPath, join(root, 'scripts/inspect-binary.mjs'), file, ...options);

const onLinux = process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

onLinux('inspection of a binary (needs g++ and binutils)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'convolt-binary-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const plain = `extern "C" int napi_register_module_v1() { return 1; }
    extern "C" int node_api_module_get_api_version_v1() { return 8; }
    #define AVX __attribute__((target("avx2,fma"), visibility("hidden"), noinline, used))
    namespace convolt::avx2 { AVX void scale(float* x, int n) { for (int i = 0; i < n; ++i) x[i] *= 3; } }\n`;

  function build(name: string, source: string, ...options: string[]): string {
    const file = join(folder, `${name}.node`);
    writeFileSync(`${file}.cc`, plain + source);
    const common = ['-O3', '-march=x86-64-v2', '-std=c++20', '-shared', '-fPIC', '-ffunction-sections'];
    const built = run('g++', ...common, `${file}.cc`, '-o', file, `-Wl,-Map,${file}.map`, ...options);
    expect(built.stderr).toBe('');
    return file;
  }

  // Where only a prebuilt binary is, its build has inspected it.
  const built = existsSync(join(root, 'build/Release/convolt.node')) ? test : test.skip;
  built('the built addon asks for no more than its baseline and shows two symbols', () => {
    const addon = join(root, 'build/Release/convolt.node');
    if (!existsSync(`${addon}.map`))
      throw new Error('expected a linker map beside the addon; do npm run build:native first');
    const { status, stdout, stderr } = inspect(addon);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/chosen at run time: \d+ of avx, \d+ of avx2, \d+ of avx512/);
    expect(status).toBe(0);
  });

  test('code of a dispatched namespace may ask for more', () => {
    const { status, stdout, stderr } = inspect(build('clean', ''));
    expect(stderr).toBe('');
    expect(stdout).toMatch(/chosen at run time: \d+ of avx/);
    expect(status).toBe(0);
  });

  const faults: [string, string, string[], RegExp][] = [
    ['a function outside', 'AVX void twice(float* x) { for (int i = 0; i < 64; ++i) x[i] *= 2; }', [], /_Z5twicePf/],
    [
      'an inline function that other units may be given',
      'namespace std { template <typename T> AVX void twice(T* x) { for (int i = 0; i < 64; ++i) x[i] *= 2; } } template void std::twice(float*);',
      [],
      /_ZSt5twice/,
    ],
    [
      'more than the namespace promises',
      'namespace convolt::avx2 { __attribute__((target("avx512f"), visibility("hidden"), used)) void more(float* x) { asm volatile("vmovups %%zmm1, (%0)" :: "r"(x)); } }',
      [],
      /4more.*\(avx512\)/,
    ],
    [
      'code that runs when the library is loaded',
      'asm(".section .text._GLOBAL__sub_I__ZN7convolt4avx2,\\"ax\\"\\n vzeroupper\\n .text");',
      [],
      /_GLOBAL__sub_I_/,
    ],
    [
      'bit manipulation',
      '__attribute__((target("bmi2"), visibility("hidden"), used)) unsigned more(unsigned x) { return __builtin_ia32_pdep_si(x, 5); }',
      [],
      /pdep.*\(others\)/,
    ],
    ['another symbol', 'int another() { return 2; }', [], /export .* alone/],
    ['an executable stack', '', ['-Wl,-z,execstack', '-Wl,--no-warn-execstack'], /stack not to be executable/],
    [
      'a symbol of no library',
      'extern "C" int absent(), puts(const char*); AVX int f() { return absent() + puts(__FILE__); }',
      [],
      /none has absent/,
    ],
  ];
  test.each(faults)('finds %s', (name, source, options, message) => {
    const { status, stderr } = inspect(build(name.replaceAll(' ', '-'), source, ...options));
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(1);
  });

  test('a release has limits', () => {
    const file = build(
      'release',
      '#include <pthread.h>\n#include <thread>\nAVX void go(pthread_t* t) { pthread_create(t, nullptr, nullptr, new std::thread); }',
    );
    const { status, stderr } = inspect(file, '--release', '--glibc', '2.2', '--megabytes', '0.001');
    expect(stderr).toMatch(/expected at most 0.001 MB/);
    expect(stderr).toMatch(/expected the C\+\+ library to be inside/);
    expect(stderr).toMatch(/no glibc newer than 2.2 but it needs .* for .*pthread_create/);
    expect(status).toBe(1);
    const without = build('without-map', '');
    rmSync(`${without}.map`);
    expect(inspect(without, '--release').stderr).toMatch(/linker's map/);
  });

  test('a file that is not there is one sentence', () => {
    expect(inspect(join(folder, 'nothing')).stderr).toMatch(/^convolt: expected the path of a built addon but got/);
  });
});

// A C++ compiler for musl on a Debian that has only one for glibc: Debian's musl-tools compile C, and GCC's own source
// (the package gcc-12-source) has the C++ runtime, which is built for musl here and linked statically.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fail, jobs, quietly, root } from './command.mjs';
import { openblasOptions } from './openblas.mjs';
import { installPackages } from './system-packages.mjs';

const triplet = 'x86_64-linux-musl';
const sysroot = join(root, 'build', 'sysroot', triplet);
const findObject = join(sysroot, 'lib', 'find-object');
const toolchains = join(root, 'cmake', 'toolchains');
const specs = join(sysroot, 'lib', 'musl-g++.specs');
// The compiler's headers ask for POSIX threads weakly, which a static program then lacks.
const threads = '-D_GLIBCXX_GTHREAD_USE_WEAK=0';

function unpackSource(work) {
  const folder = '/usr/src/gcc-12';
  const archive = existsSync(folder) && readdirSync(folder).find((name) => /^gcc-12.*\.tar\.xz$/.test(name));
  if (!archive) fail(`expected GCC's source in ${folder}; install the package gcc-12-source`);
  mkdirSync(work, { recursive: true });
  quietly('tar', '-xJf', join(folder, archive), '-C', work, '--strip-components=1');
}

function buildRuntime() {
  const work = join(sysroot, 'work');
  rmSync(work, { recursive: true, force: true });
  unpackSource(join(work, 'gcc'));
  // Where a build of all of GCC would have put the threads that its configuration looks for.
  mkdirSync(join(work, 'libgcc'));
  mkdirSync(join(work, 'build'));
  symlinkSync(join(work, 'gcc', 'libgcc', 'gthr-posix.h'), join(work, 'libgcc', 'gthr-default.h'));
  const settings = [
    'CC=musl-gcc',
    "CXX='musl-gcc -nostdinc++'",
    "CFLAGS='-O2 -fPIC'",
    `CXXFLAGS='-O2 -fPIC -ffunction-sections -fdata-sections ${threads}'`,
  ];
  const options = [
    '--build=x86_64-linux-gnu',
    `--host=${triplet}`,
    `--prefix=${sysroot}`,
    '--disable-shared',
    '--disable-multilib',
    '--disable-libstdcxx-pch',
    '--disable-nls',
    '--disable-werror',
  ];
  const build = join(work, 'build');
  quietly('sh', '-c', `cd '${build}' && ../gcc/libstdc++-v3/configure ${options.join(' ')} ${settings.join(' ')}`);
  quietly('make', '-C', build, '-j', jobs);
  quietly('make', '-C', build, 'install');
  rmSync(work, { recursive: true });
}

/** musl-gcc's specs with the C++ headers before those of C, our runtime before the compiler's, and tables for exceptions. */
function writeCompiler() {
  const headers = join(sysroot, 'include', 'c++');
  const version = readdirSync(headers)[0];
  const first = [join(headers, version), join(headers, version, triplet)]
    .map((folder) => `-isystem ${folder}`)
    .join(' ');
  const text = readFileSync(`/usr/lib/${triplet}/musl-gcc.specs`, 'utf8')
    .replaceAll('-nostdinc -isystem', `-nostdinc ${first} -isystem`)
    .replace('/lib/ld-musl-x86_64.so.1', '/lib/ld-musl-x86_64.so.1 --eh-frame-hdr')
    .replace('libgcc_eh.a%s)', `libgcc_eh.a%s) ${findObject}.a`)
    .replace(/^-L\/usr/m, `-L${join(sysroot, 'lib')} -L/usr`);
  writeFileSync(specs, text);
  quietly('musl-gcc', '-O2', '-fPIC', '-c', join(toolchains, 'musl-find-object.c'), '-o', `${findObject}.o`);
  quietly('ar', 'rcs', `${findObject}.a`, `${findObject}.o`);
  const compiler = join(sysroot, 'bin', `${triplet}-g++`);
  mkdirSync(join(sysroot, 'bin'), { recursive: true });
  writeFileSync(compiler, `#!/bin/sh\nexec g++ -specs '${specs}' ${threads} "$@"\n`);
  chmodSync(compiler, 0o755);
}

function buildGoogleTest() {
  const work = join(sysroot, 'googletest');
  const toolchain = join(toolchains, 'linux-x64-musl.cmake');
  const settings = [
    `-DCMAKE_TOOLCHAIN_FILE=${toolchain}`,
    `-DCONVOLT_SYSROOT=${sysroot}`,
    `-DCMAKE_INSTALL_PREFIX=${sysroot}`,
    '-DCMAKE_BUILD_TYPE=Release',
    '-DBUILD_GMOCK=OFF',
  ];
  quietly('cmake', '-S', '/usr/src/googletest', '-B', work, ...settings);
  quietly('cmake', '--build', work, '--parallel', jobs, '--target', 'install');
}

/** Makes the compiler, its runtime and OpenBLAS for `target`, once; gives the options that lead CMake to them. */
export async function muslOptions(target) {
  installPackages('musl-tools', 'gcc-12-source', 'libeigen3-dev', 'googletest');
  if (!existsSync(join(sysroot, 'lib', 'libstdc++.a'))) buildRuntime();
  writeCompiler();
  if (!existsSync(join(sysroot, 'lib', 'libgtest.a'))) buildGoogleTest();
  return [`CONVOLT_SYSROOT=${sysroot}`, `CMAKE_PREFIX_PATH=${sysroot}`, ...(await openblasOptions(target, 'musl-gcc'))];
}

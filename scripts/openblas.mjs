// Builds OpenBLAS from the source of a pinned release, for systems whose packages have none that fits: single precision
// alone, no threads of its own, safe to call from several threads.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { available, fail, jobs, quietly, root } from './command.mjs';

// The release that Debian 12 has, so that all platforms compute with the same kernels.
const version = '0.3.21';
const address = `https://github.com/OpenMathLib/OpenBLAS/releases/download/v${version}/OpenBLAS-${version}.tar.gz`;
const sha256 = 'f36ba3d7a60e7c8bcc54cd9aaa9b1223dd42eaf02c811791c37e8ca707c241ca';

/** The cores that are built for an architecture; the first one is for every processor that Convolt runs on. */
const cores = {
  x64: ['NEHALEM', 'SANDYBRIDGE', 'HASWELL', 'ZEN', 'SKYLAKEX'],
  arm64: ['ARMV8', 'CORTEXA53', 'CORTEXA72', 'NEOVERSEN1'],
};

const folder = join(root, 'build', 'openblas');

/** The folder of the sources: the one that CONVOLT_OPENBLAS_SOURCE names, or the release, which is downloaded. */
async function sources() {
  const given = process.env.CONVOLT_OPENBLAS_SOURCE;
  if (given) return given;
  const response = await fetch(address).catch((cause) => fail(`${address} cannot be had: ${cause.message}`));
  if (!response.ok) fail(`expected ${address} to be there but got status ${response.status}`);
  const archive = Buffer.from(await response.arrayBuffer());
  const found = createHash('sha256').update(archive).digest('hex');
  if (found !== sha256) fail(`expected ${address} to have the SHA-256 ${sha256} but got ${found}`);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'source.tar.gz');
  writeFileSync(file, archive);
  quietly('tar', '-xzf', file, '-C', folder);
  return join(folder, `OpenBLAS-${version}`);
}

/**
 * Builds OpenBLAS for `target` with the C compiler `compiler`, once; gives the options that lead CMake to it.
 */
export async function openblasOptions(target, compiler) {
  const made = join(folder, target.name, 'openblas-locked');
  const archive = join(made, 'lib', 'libopenblas.a');
  if (!existsSync(archive)) await build(target, compiler, made);
  return [`CONVOLT_OPENBLAS_ARCHIVE=${archive}`, `CONVOLT_CBLAS_FOLDER=${join(made, 'include')}`];
}

async function build({ name, platform, arch }, compiler, made) {
  const work = join(folder, name, 'work');
  rmSync(work, { recursive: true, force: true });
  cpSync(await sources(), work, { recursive: true, verbatimSymlinks: true });
  const settings = {
    CC: compiler,
    HOSTCC: platform === 'linux' ? 'gcc' : 'clang',
    NOFORTRAN: 1,
    NO_LAPACK: 1,
    NO_SHARED: 1,
    BUILD_SINGLE: 1,
    USE_THREAD: 0,
    USE_LOCKING: 1,
    USE_OPENMP: 0,
    NUM_THREADS: 64,
    NO_AFFINITY: 1,
    NO_WARMUP: 1,
    ...(platform === 'darwin' && arch === 'arm64'
      ? { TARGET: 'VORTEX' } // one core type is all that there is
      : { TARGET: cores[arch][0], DYNAMIC_ARCH: 1, DYNAMIC_LIST: cores[arch].join(' ') }),
  };
  const assignments = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const make = (...goals) =>
    quietly(available('gmake') ? 'gmake' : 'make', '-C', work, '-j', jobs, ...goals, ...assignments);
  make('libs');
  make('install', `PREFIX=${made}`);
}

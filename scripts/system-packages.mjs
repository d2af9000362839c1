// Finds the system packages that the native build needs, and installs those that are missing on Debian and Ubuntu.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { available, fail } from './command.mjs';

function findLibrary(path) {
  const folders = ['/usr/lib', '/usr/local/lib', ...readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`)];
  return folders.some((folder) => existsSync(`${folder}/${path}`));
}

/** What is needed, the package that brings it, and whether it is there. */
const needs = [
  { what: 'a C++20 compiler', package: 'g++', tests: false, present: () => available('g++') || available('clang++') },
  { what: 'CMake', package: 'cmake', tests: false, present: () => available('cmake') },
  { what: 'make', package: 'make', tests: false, present: () => available('make') || available('ninja') },
  {
    what: 'OpenBLAS',
    package: 'libopenblas-pthread-dev',
    tests: false,
    present: () => findLibrary('openblas-pthread/libopenblas.a') || existsSync('/usr/local/lib/libopenblas.a'),
  },
  {
    what: 'Eigen',
    package: 'libeigen3-dev',
    tests: false,
    present: () => existsSync('/usr/include/eigen3/Eigen/Dense') || existsSync('/usr/local/include/eigen3/Eigen/Dense'),
  },
  {
    what: 'GoogleTest',
    package: 'libgtest-dev',
    tests: true,
    present: () => findLibrary('libgtest.a') || findLibrary('libgtest.so'),
  },
];

function install(packages) {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const byHand = `please run: sudo apt-get update && sudo ${command}`;
  if (!available('apt-get')) {
    fail(
      'this system has no apt-get; please install by its own means a C++20 compiler, CMake, make, OpenBLAS (static, with ' +
        `pthreads), Eigen and GoogleTest (Debian's packages: ${packages.join(' ')})`,
    );
  }
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !available('sudo'))
    fail(`some system packages are missing and this user may not install them; ${byHand}`);
  // Without a terminal nobody could type a password.
  const prefix = isRoot ? '' : process.stdin.isTTY ? 'sudo ' : 'sudo -n ';
  const run = (line) => {
    const { status } = spawnSync('sh', ['-c', `${prefix}env DEBIAN_FRONTEND=noninteractive ${line}`], {
      stdio: ['inherit', 'ignore', 'inherit'],
    });
    return status === 0;
  };
  console.log(`installing system packages: ${packages.join(' ')}`);
  if (!run(command) && !(run('apt-get update') && run(command))) {
    fail(`the system packages could not be installed; ${byHand}`);
  }
}

/** Installs what is missing for the build, and with `tests` for the C++ tests as well. Does nothing on other systems. */
export function installMissing({ tests }) {
  if (process.platform !== 'linux') return;
  const missing = needs.filter((need) => !need.present());
  if (missing.some((need) => tests || !need.tests)) install(missing.map((need) => need.package));
}

/** Installs packages of Debian or Ubuntu unless they are there. */
export function installPackages(...packages) {
  const missing = packages.filter((name) => spawnSync('dpkg', ['-s', name]).status !== 0);
  if (missing.length > 0) install(missing);
}

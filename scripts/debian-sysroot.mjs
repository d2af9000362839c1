// A folder with the libraries of another architecture, unpacked from Debian's packages without installing them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, quietly, root } from './command.mjs';
import { installPackages } from './system-packages.mjs';

const packages = ['libopenblas-pthread-dev', 'libgtest-dev'];

/** Fills the folder for Debian's architecture `architecture`, once; gives the options that lead CMake to it. */
export function debianSysrootOptions(architecture, compiler) {
  installPackages(compiler);
  const folder = join(root, 'build', 'sysroot', architecture);
  if (!existsSync(folder)) fill(folder, architecture);
  return [`CMAKE_FIND_ROOT_PATH=${folder}`];
}

function fill(folder, architecture) {
  const foreign = spawnSync('dpkg', ['--print-foreign-architectures'], { encoding: 'utf8' }).stdout ?? '';
  if (!foreign.split('\n').includes(architecture)) {
    fail(`please run: sudo dpkg --add-architecture ${architecture} && sudo apt-get update`);
  }
  const work = `${folder}.work`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const wanted = [...packages.map((name) => `${name}:${architecture}`), 'libeigen3-dev'];
  quietly('sh', '-c', `cd '${work}' && apt-get download ${wanted.join(' ')}`);
  for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
    quietly('dpkg-deb', '-x', join(work, file), work);
    rmSync(join(work, file));
  }
  // Links into packages that are not wanted here.
  for (const entry of readdirSync(work, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isSymbolicLink() && !existsSync(path)) rmSync(path);
  }
  renameSync(work, folder);
}

// The kinds of machine that binaries are made for, and what a build needs to know of each.
import { join } from 'node:path';
import { available, fail, root } from './command.mjs';
import { debianSysrootOptions } from './debian-sysroot.mjs';
import { muslOptions } from './musl.mjs';
import { openblasOptions } from './openblas.mjs';

/** `<platform>-<arch>`, on Linux with `-<libc>` behind it. */
export const targetNames = [
  'linux-x64-glibc',
  'linux-x64-musl',
  'linux-arm64-glibc',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64',
];

/** What one kind of machine can build for others: what has to be there first, and which options lead CMake to it. */
const crossings = {
  'linux-x64-glibc': {
    'linux-arm64-glibc': () => debianSysrootOptions('arm64', 'g++-aarch64-linux-gnu'),
    'linux-x64-musl': muslOptions,
  },
};

function libcOfThisMachine() {
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}

/** The name of the kind of machine that this one is. */
export const ownTarget = [
  process.platform,
  process.arch,
  ...(process.platform === 'linux' ? [libcOfThisMachine()] : []),
].join('-');

/** What the parameters `--target NAME` ask for, or this machine's own. */
export function targetOf(parameters) {
  const at = parameters.indexOf('--target');
  const name = at < 0 ? ownTarget : parameters[at + 1];
  if (!targetNames.includes(name)) {
    fail(`expected --target to be one of ${targetNames.join(', ')} but got '${name}'`);
  }
  const [platform, arch, libc] = name.split('-');
  return { name, platform, arch, libc };
}

/** Prepares this machine for a build of `target`; gives CMake's options for it, without -D. */
export async function prepare(target) {
  const { name } = target;
  if (name === ownTarget) return available('apt-get') ? [] : openblasOptions(target, process.env.CC ?? 'cc');
  const crossing = crossings[ownTarget]?.[name];
  if (!crossing) fail(`expected a target that ${ownTarget} can build but got '${name}'; run this on such a machine`);
  const toolchain = join(root, 'cmake', 'toolchains', `${name}.cmake`);
  return [`CMAKE_TOOLCHAIN_FILE=${toolchain}`, ...(await crossing(target))];
}

/** Where the binary of `target` is built. */
export function buildFolder({ name }) {
  return join(root, 'build', name, 'build');
}

/** Where prebuildify puts the binary of a target, within the package. */
export function prebuiltFile(name) {
  const [platform, arch, libc] = name.split('-');
  return `prebuilds/${platform}-${arch}/${libc ? `convolt.${libc}.node` : 'convolt.node'}`;
}

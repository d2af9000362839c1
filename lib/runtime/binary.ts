/** Finds the native binary that fits this machine and loads it; when none does, tells what was tried, and what helps. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConvoltError } from '../graph/errors';
import { beginning, libcOf, missingInstructions } from './machine';

/** The folder of the package: the nearest one above this file that holds package.json. */
function packageFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** What the choice of a binary depends on; each has what this process finds as its default. */
export interface Surroundings {
  /** The folder of the package. */
  readonly folder: string;
  readonly platform: string;
  readonly arch: string;
  /** The Node.js executable. */
  readonly executable: string;
  /** The text of /proc/cpuinfo. */
  readonly cpuinfo: () => string;
  /** The path that the variable CONVOLT_BINARY names, which is then the only one tried. */
  readonly forced: string | undefined;
  readonly load: (path: string) => unknown;
}

const surroundings = (): Surroundings => ({
  folder: packageFolder(),
  platform: process.platform,
  arch: process.arch,
  executable: process.execPath,
  cpuinfo: () => beginning('/proc/cpuinfo'),
  forced: process.env.CONVOLT_BINARY || undefined,
  load: require,
});

const fromSource = "build it in a clone of the repository with 'npm run build:native'";

/** What to do about a reason; the first that matches. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/^its name /, 'rename it'],
  [/^version /, "run 'npm run build:native' in a clone, or install convolt anew"],
  [/addons is disabled/, 'start Node.js with --allow-addons beside --permission'],
  [/GLIBC/, `this system is older than the binary: use a newer one, or ${fromSource}`],
  [/cannot open shared|loading shared|relocating/, `this system lacks what it names: install that, or ${fromSource}`],
  [/failed to map|not permitted/, 'allow programs to run from there: the file system may be mounted with noexec'],
  [/./, 'the file is damaged or of another kind of machine: install convolt anew'],
];

const missing = 'no such file';

interface Failure {
  readonly path: string;
  readonly reason: string;
  readonly cause?: unknown;
}

/** The reason why a binary could not be loaded, without the path, which stands before it anyway. */
function reasonOf(error: unknown, path: string): string {
  const [line = ''] = String((error as Error).message).split('\n');
  return (line.startsWith(`${path}: `) ? line.slice(path.length + 2) : line).replaceAll(path, 'it').trim();
}

function attempt(path: string, version: string, load: Surroundings['load']): { addon: unknown } | Failure {
  if (!existsSync(path)) return { path, reason: missing };
  if (!path.endsWith('.node')) return { path, reason: "its name does not end in '.node'" };
  try {
    const loaded = load(path) as { version?: string };
    if (loaded.version === version) return { addon: loaded };
    return { path, reason: `version ${loaded.version ?? 'unknown'} instead of ${version}` };
  } catch (cause) {
    return { path, reason: reasonOf(cause, path), cause };
  }
}

/** The platforms whose binaries stand in a folder, such as `linux-x64 (glibc, musl)`. */
function platformsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((platform) => {
    const tags = readdirSync(join(folder, platform)).map((file) => file.split('.').slice(1, -1).join('.'));
    if (tags.length === 0) return [];
    const named = tags.filter((tag) => tag !== '').sort();
    return named.length > 0 ? `${platform} (${named.join(', ')})` : platform;
  });
}

function refuse(wanted: string, failures: readonly Failure[], prebuilds: string): never {
  const tried = failures.map(({ path, reason }) => `${path} (${reason})`).join(', ');
  const found = failures.filter(({ reason }) => reason !== missing);
  const remedy = remedies.find(([reason]) => found.some((failure) => reason.test(failure.reason)))?.[1] ?? fromSource;
  const platforms = platformsIn(prebuilds);
  const there = platforms.length > 0 ? `; there are binaries for ${platforms.sort().join(', ')}` : '';
  throw new ConvoltError(
    'NATIVE',
    `convolt: expected a native binary for ${wanted} to load but got none of ${failures.length}: ${tried}${there}; ${remedy}`,
    { cause: found.find(({ cause }) => cause)?.cause },
  );
}

function expectBaseline({ platform, arch, cpuinfo }: Surroundings): void {
  if (platform !== 'linux' || arch !== 'x64') return;
  const missing = missingInstructions(cpuinfo());
  if (missing.length === 0) return;
  throw new ConvoltError(
    'NATIVE',
    `convolt: expected a processor of the level x86-64-v2 but got one without ${missing.join(', ')}; use one made since 2011, or let the virtual machine show its processor's instructions`,
  );
}

/**
 * The exports of the first binary that loads: the local build, then the prebuilt one for this platform and C library.
 *
 * @throws ConvoltError `NATIVE` when none does, or the processor is too old for any
 */
export function loadBinary(given: Partial<Surroundings> = {}): unknown {
  const here = { ...surroundings(), ...given };
  const { folder, platform, arch, forced } = here;
  expectBaseline(here);
  const libc = platform === 'linux' ? libcOf(here.executable) : undefined;
  const prebuilds = join(folder, 'prebuilds');
  const candidates = forced
    ? [resolve(forced)]
    : [
        join(folder, 'build', 'Release', 'convolt.node'),
        join(prebuilds, `${platform}-${arch}`, libc ? `convolt.${libc}.node` : 'convolt.node'),
      ];
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const failures: Failure[] = [];
  for (const path of candidates) {
    const result = attempt(path, version, here.load);
    if ('addon' in result) return result.addon;
    failures.push(result);
  }
  return refuse(`${platform}-${arch}${libc ? ` (${libc})` : ''}`, failures, prebuilds);
}

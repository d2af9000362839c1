/** Rounds of a fuzzer: mutated files give a value or a ConvoltError, soon, and without memory far beyond their size. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mutation, pick, type Random } from './mutate';
import type { FuzzTarget } from './targets';

const mostMilliseconds = 5000;
/** Deflate makes 1032 bytes of one at most, each perhaps of eight pixels, which a palette makes four bytes each. */
const bytesPerByte = 48 * 1032;
const bytesAlways = 1 << 22;
const mostPool = 500;

/** What a file should not have done, or undefined; `shape` is what it did, without numbers and names. */
async function outcome(read: FuzzTarget['read'], path: string, bytes: Uint8Array) {
  writeFileSync(path, bytes);
  const before = process.memoryUsage().arrayBuffers;
  const start = performance.now();
  let shape = 'a value';
  let fault: string | undefined;
  try {
    await read(path);
  } catch (error) {
    const { name, message, stack } = error as Error;
    shape = `${name}: ${message
      .replaceAll(path, '')
      .replace(/'[^']*'|\d+/g, '#')
      .slice(0, 120)}`;
    if (name !== 'ConvoltError') fault = stack ?? message;
  }
  const milliseconds = performance.now() - start;
  const allocated = process.memoryUsage().arrayBuffers - before;
  if (milliseconds > mostMilliseconds) fault = `took ${milliseconds} ms`;
  if (allocated > bytesAlways + bytesPerByte * bytes.length) fault = `took ${allocated} bytes of memory`;
  return { shape, fault };
}

export interface Findings {
  readonly executions: number;
  /** Different outcomes that were seen. */
  readonly shapes: readonly string[];
  readonly faults: readonly { readonly bytes: Uint8Array; readonly fault: string }[];
}

/** Reads one file of these bytes: the fault, if there is one. */
export async function replay(target: FuzzTarget, bytes: Uint8Array): Promise<string | undefined> {
  return (await inFolder((path) => outcome(target.read, path, bytes))).fault;
}

async function inFolder<T>(work: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'convolt-fuzz-'));
  try {
    return await work(join(folder, 'file'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Mutates the target's files until `isOver`; one whose outcome is new is mutated further. */
export function fuzz(target: FuzzTarget, random: Random, isOver: (executions: number) => boolean): Promise<Findings> {
  return inFolder(async (path) => {
    const pool: Buffer[] = [...(await target.seeds())].map((bytes) => Buffer.from(bytes));
    const known = new Set<string>();
    const faults: { bytes: Uint8Array; fault: string }[] = [];
    let executions = 0;
    while (!isOver(executions)) {
      let bytes: Buffer = pick(random, pool);
      for (let times = random() < 0.7 ? 1 : 3; times > 0; times--) {
        bytes = pick<Mutation>(random, target.mutations)(bytes, random);
      }
      const { shape, fault } = await outcome(target.read, path, bytes);
      executions++;
      if (known.has(shape)) continue;
      known.add(shape);
      if (pool.length < mostPool) pool.push(bytes);
      if (fault) faults.push({ bytes, fault });
    }
    return { executions, shapes: [...known], faults };
  });
}

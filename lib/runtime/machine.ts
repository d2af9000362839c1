/** What decides which native binary fits this machine: its C library, and what its processor lacks. */
import { closeSync, openSync, readSync } from 'node:fs';

/** Reads up to `length` bytes at `position`; fewer at the end of the file. */
function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}

const loaderSegment = 3; // PT_INTERP

/** The dynamic loader that an ELF file of 64 bits asks for, such as `/lib64/ld-linux-x86-64.so.2`. */
export function dynamicLoader(path: string): string | undefined {
  const file = openSync(path, 'r');
  try {
    const header = readAt(file, 0, 64);
    if (header.length < 64 || header.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return undefined;
    const [start, size, count] = [Number(header.readBigUInt64LE(32)), header.readUInt16LE(54), header.readUInt16LE(56)];
    const segments = readAt(file, start, size * count);
    for (let at = 0; at + size <= segments.length; at += size) {
      if (segments.readUInt32LE(at) !== loaderSegment) continue;
      const [position, length] = [at + 8, at + 32].map((field) => Number(segments.readBigUInt64LE(field)));
      return readAt(file, position as number, length as number)
        .toString('latin1')
        .replace(/\0.*$/s, '');
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** The C library that a Node.js executable for Linux was linked with; quicker by far than `process.report`. */
export function libcOf(executable: string): 'glibc' | 'musl' {
  try {
    return dynamicLoader(executable)?.includes('ld-musl') ? 'musl' : 'glibc';
  } catch {
    return 'glibc'; // an executable that may be run but not read
  }
}

/** What x86-64-v2 adds to the first 64-bit processors, as Linux spells it. */
const baseline = ['cx16', 'lahf_lm', 'popcnt', 'pni', 'ssse3', 'sse4_1', 'sse4_2'];

/** The instructions of the baseline that an x64 processor lacks, by what `/proc/cpuinfo` says of the first one. */
export function missingInstructions(cpuinfo: string): string[] {
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(' ');
  return flags ? baseline.filter((flag) => !flags.includes(flag)) : [];
}

/** The beginning of a text file of the kernel, which has no size; empty where there is none. */
export function beginning(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      return readAt(file, 0, 8192).toString('latin1');
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

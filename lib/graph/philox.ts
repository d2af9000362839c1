/**
 * Philox4x32-10, the counter-based random generator, on the host: the same integers as the native kernels.
 * (Salmon, Moraes, Dror, Shaw 2011: Parallel random numbers: as easy as 1, 2, 3.)
 */
import { expectWhole } from './whole';

/** Four unsigned 32-bit words. */
export type Words = readonly [number, number, number, number];

/** A random key: two 32-bit words. */
export type HostKey = ArrayLike<number>;

/** The last counter word: streams that never meet under one key. */
export const domains = { draws: 0, split: 1, permutation: 2 } as const;

/** The upper 32 bits of a * b, of unsigned 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + aLow * bHigh + Math.floor((aLow * bLow) / 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000)) >>> 0;
}

/** Ten rounds of Philox4x32: four random words of a key (two words) and a counter (four words). */
export function philox(key: HostKey, counter: Words): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = [(key[0] as number) >>> 0, (key[1] as number) >>> 0];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1 >>> 0, (high0 ^ c3 ^ k1) >>> 0, low0 >>> 0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** The words of block `block` (a whole number below 2^53) of one domain. */
const blockOf = (key: HostKey, block: number, domain: number): Words =>
  philox(key, [block >>> 0, Math.floor(block / 2 ** 32), 0, domain]);

/** The key that a seed names: its low and high 32 bits. */
export function keyOfSeed(seed: number): Int32Array {
  expectWhole('keyOfSeed', 'the seed', seed, 0);
  return Int32Array.of(seed >>> 0, Math.floor(seed / 2 ** 32));
}

/** The key of sub-stream `stream` of `key`, as the op `splitKey` gives it. */
export function hostSplitKey(key: HostKey, stream: number): Int32Array {
  expectWhole('hostSplitKey', 'the stream', stream, 0);
  const [first, second] = blockOf(key, stream, domains.split);
  return Int32Array.of(first, second);
}

/** `count` random words of one domain; word i is lane i mod 4 of block floor(i / 4). */
export function hostBits(key: HostKey, count: number, domain: number = domains.draws): Uint32Array {
  expectWhole('hostBits', 'the count', count, 0);
  const words = new Uint32Array(count);
  for (let i = 0; i < count; i += 4) {
    const block = blockOf(key, i / 4, domain);
    for (let lane = 0; lane < 4 && i + lane < count; lane++) words[i + lane] = block[lane] as number;
  }
  return words;
}

/** `count` numbers in [0, 1): (word >> 8) / 2^24. */
export const hostUniform = (key: HostKey, count: number): Float32Array =>
  Float32Array.from(hostBits(key, count), (word) => (word >>> 8) / 2 ** 24);

/** `count` normal numbers by Box and Muller over the pairs of words (0, 1) and (2, 3) of every block. */
export function hostNormal(key: HostKey, count: number): Float32Array {
  const words = hostBits(key, count + (count % 2));
  return Float32Array.from({ length: count }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log((((words[i & ~1] as number) >>> 8) + 1) / 2 ** 24));
    const angle = (2 * Math.PI * ((words[i | 1] as number) >>> 8)) / 2 ** 24;
    return radius * (i % 2 ? Math.sin(angle) : Math.cos(angle));
  });
}

/** A random order of 0 ... n - 1 by Fisher and Yates, as the op `permutation` gives it. */
export function hostPermutation(key: HostKey, n: number): Int32Array {
  const words = hostBits(key, n, domains.permutation);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = multiplyHigh(words[i] as number, i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

/** K-08: the host's random generator against the published vectors of its authors, and what is drawn from it. */
import {
  hostBits,
  hostNormal,
  hostPermutation,
  hostSplitKey,
  hostUniform,
  keyOfSeed,
  philox,
  type Words,
} from '../../lib/graph/philox';

const hex = (words: ArrayLike<number>): string[] =>
  Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0'));

describe('philox4x32-10', () => {
  // Known-answer vectors of Random123 (kat_vectors, philox4x32 with 10 rounds).
  test.each<[string, Words, number[], string]>([
    ['zeros', [0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ones', [-1 >>> 0, -1 >>> 0, -1 >>> 0, -1 >>> 0], [-1, -1], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [
      'pi',
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ])('%s', (_, counter, key, answer) => {
    expect(hex(philox(key, counter)).join(' ')).toBe(answer);
  });

  test('an element is one lane of one block', () => {
    const key = keyOfSeed(5);
    const expected = [0, 1, 2].flatMap((block) => [...philox(key, [block, 0, 0, 0])]);
    expect([...hostBits(key, 10)]).toEqual(expected.slice(0, 10));
  });

  test('negative words of a key are its bits', () => {
    expect(hostBits([-1, -2], 4)).toEqual(hostBits([0xffffffff, 0xfffffffe], 4));
  });
});

describe('draws of the host', () => {
  const key = keyOfSeed(2 ** 40 + 7);

  test('a seed is a key of its two words', () => {
    expect([...key]).toEqual([7, 256]);
    expect(() => keyOfSeed(-1)).toThrow('keyOfSeed: expected the seed to be a whole number of 0 or more but got -1');
    expect(() => keyOfSeed(0.5)).toThrow(/whole number/);
  });

  test('streams give different keys', () => {
    const keys = [0, 1, 2, 2 ** 32, 2 ** 32 + 1].map((stream) => hostSplitKey(key, stream).join());
    expect(new Set(keys).size).toBe(keys.length);
    expect(() => hostSplitKey(key, 1.5)).toThrow(/the stream/);
  });

  test('uniform numbers lie in [0, 1) and fill it evenly', () => {
    const numbers = hostUniform(key, 100_000);
    const counts = new Array<number>(10).fill(0);
    for (const number of numbers) counts[Math.floor(number * 10)] = (counts[Math.floor(number * 10)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test('normal numbers have mean 0 and variance 1', () => {
    const numbers = hostNormal(key, 100_001);
    const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
    const variance = numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / numbers.length;
    expect(Math.abs(mean)).toBeLessThan(0.012);
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
    expect(numbers.every(Number.isFinite)).toBe(true);
  });

  test.each([0, 1, 2, 3, 100, 1797])('a permutation of %i is a bijection', (n) => {
    const order = hostPermutation(key, n);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  test('every order of three is equally likely', () => {
    const counts = new Map<string, number>();
    for (let stream = 0; stream < 6000; stream++) {
      const order = hostPermutation(hostSplitKey(key, stream), 3).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

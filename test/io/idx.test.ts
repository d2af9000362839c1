/** IDX files: round trips, gzip, and every lie refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { type DType, sizeOf, tensor } from '../../lib/graph/tensor';
import { decodeIdx, encodeIdx, readIdx, writeIdx } from '../../lib/io';
import { refusal, temporaryFolder } from './refusal';

const folder = temporaryFolder();

const small = encodeIdx(tensor([1, 2, 3, 4, 5, 6], [2, 3], 'uint8'));

/** `small` with some bytes replaced. */
function altered(bytes: Readonly<Record<number, number>>): Uint8Array {
  const copy = Uint8Array.from(small);
  for (const [at, byte] of Object.entries(bytes)) copy[Number(at)] = byte;
  return copy;
}

describe('round trip', () => {
  test.each<DType>(['uint8', 'int8', 'int32', 'float32'])('%s', async (dtype) => {
    const made = tensor([0, 1, 2, 100, 200, 255], [3, 1, 2], dtype);
    const path = join(folder, `${dtype}-idx`);
    await writeIdx(path, made);
    expect(await readIdx(path)).toEqual(made);
    writeFileSync(path, gzipSync(encodeIdx(made)));
    expect(await readIdx(path)).toEqual(made);
  });

  test('any shape', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), (shape) => {
        const made = tensor(
          Int32Array.from({ length: sizeOf(shape) }, (_, i) => i * 1_000_003 - 7),
          shape,
        );
        expect(decodeIdx(encodeIdx(made))).toEqual(made);
      }),
    );
  });

  test('the letter of the format', () => {
    expect([...small]).toEqual([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);
  });

  test('other number types are converted', () => {
    expect(decodeIdx(Uint8Array.of(0, 0, 9, 1, 0, 0, 0, 2, 255, 3))).toEqual(tensor([-1, 3], [2], 'int8'));
    expect(decodeIdx(Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 1, 1, 2))).toEqual(tensor([258], [1], 'int32'));
    const double = Buffer.alloc(16);
    double.set([0, 0, 0x0e, 1, 0, 0, 0, 1]);
    double.writeDoubleBE(-0.5, 8);
    expect(decodeIdx(double)).toEqual(tensor([-0.5]));
  });
});

describe('refused, naming file and fault', () => {
  test.each<[string, Uint8Array, string[]]>([
    ['too short for a magic number', small.subarray(0, 3), ['the file', 'at least 4 bytes', '3 bytes']],
    ['wrong magic number', altered({ 0: 0x50, 1: 0x4b }), ['the first two bytes', '0x50 0x4b']],
    ['unknown type', altered({ 2: 7 }), ['the type byte', '0x08', 'got 0x07']],
    ['rank 0', altered({ 3: 0 }), ['the rank', 'between 1 and 8', 'got 0']],
    ['absurd rank', altered({ 3: 200 }), ['the rank', 'got 200']],
    ['header beyond the file', small.subarray(0, 9), ['the header', '12 bytes', '9 bytes']],
    ['a zero size', altered({ 7: 0 }), ['every size', 'above 0', '[0, 3]']],
    ['truncated', small.subarray(0, 17), ['18 bytes for the sizes [2, 3]', '17 bytes, too few']],
    ['sizes beyond the file', altered({ 4: 255, 8: 255 }), ['the length', 'too few']],
    ['trailing bytes', Buffer.concat([small, Buffer.of(0)]), ['18 bytes', '19 bytes, some of them trailing']],
  ])('%s', async (name, bytes, parts) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    await expect(readIdx(path)).rejects.toThrow(refusal('FILE', path, ...parts));
  });

  test('damaged gzip', async () => {
    const path = join(folder, 'damaged.gz');
    writeFileSync(path, gzipSync(small).subarray(0, 20));
    await expect(readIdx(path)).rejects.toThrow(refusal('FILE', path, 'the gzip data', 'unexpected end'));
  });

  test('missing file', async () => {
    const path = join(folder, 'absent');
    await expect(readIdx(path)).rejects.toThrow(refusal('FILE', 'readIdx', path, 'readable', 'ENOENT'));
  });

  test('a folder is no file', async () => {
    await expect(readIdx(folder)).rejects.toThrow(refusal('IO', folder, 'readable', 'EISDIR'));
  });
});

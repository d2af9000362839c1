/** Safetensors: Python's files, round trips, and every lie refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { dtypes, sizeOf, type Tensor, tensor } from '../../lib/graph/tensor';
import { decodeSafetensors, encodeSafetensors, readSafetensors, writeSafetensors } from '../../lib/io';
import { refusal, temporaryFolder } from './refusal';

const folder = temporaryFolder();

/** A file by the letter. */
function file(header: unknown, data: number | Uint8Array = 0, length?: bigint): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([start, text, typeof data === 'number' ? Buffer.alloc(data) : data]);
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test("Python's file", async () => {
  const { tensors, metadata } = await readSafetensors(join(__dirname, 'fixtures', 'python.safetensors'));
  expect(metadata).toEqual({ 'made by': 'safetensors 0.8.0' });
  expect(Object.fromEntries(tensors)).toEqual({
    float32: tensor([0.5, -1.25, 3e38, 0], [2, 2]),
    float64: tensor([0.1, -2]),
    float16: tensor([1.5, -0.333251953125, 2 ** -24, 65504, Number.POSITIVE_INFINITY]),
    bfloat16: tensor([1.5, -3, 9.969209968386869e37]),
    int64: tensor([-(2 ** 31), 2 ** 31 - 1], [2], 'int32'),
    int32: tensor([1, -2], [2, 1], 'int32'),
    int8: tensor([-128, 127], [2], 'int8'),
    uint8: tensor([0, 255, 7], [3], 'uint8'),
    bool: tensor([1, 0], [2], 'bool'),
    scalar: tensor(42, []),
    empty: tensor([], [0, 3]),
  });
});

describe('round trip', () => {
  const anyTensor: fc.Arbitrary<Tensor> = fc
    .tuple(fc.constantFrom(...dtypes), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }))
    .map(([dtype, shape]) =>
      tensor(
        Array.from({ length: sizeOf(shape) }, (_, i) => i % 2),
        shape,
        dtype,
      ),
    );
  const anyName = fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__');

  test('any tensors, names and metadata, in memory that is not aligned', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(anyName, anyTensor), { selector: ([name]) => name }),
        fc.dictionary(fc.string(), fc.string()),
        fc.integer({ min: 0, max: 3 }),
        (named, metadata, shift) => {
          const encoded = encodeSafetensors(new Map(named), metadata);
          const shifted = Buffer.concat([Buffer.alloc(shift), encoded]).subarray(shift);
          const decoded = decodeSafetensors(shifted);
          expect(new Map(decoded.tensors)).toEqual(new Map(named));
          expect(Object.entries(decoded.metadata)).toEqual(Object.entries(metadata));
        },
      ),
    );
  });

  test('a name like __proto__ is a name', () => {
    const tensors = new Map([['__proto__', tensor([1])]]);
    expect(decodeSafetensors(encodeSafetensors(tensors)).tensors).toEqual(tensors);
  });

  test('numbers start at multiples of 8, each tensor at a multiple of its width', () => {
    const tensors = new Map([
      ['bytes', tensor([1, 2, 3], [3], 'uint8')],
      ['floats', tensor([1, 2])],
    ]);
    const encoded = Buffer.from(encodeSafetensors(tensors));
    const length = Number(encoded.readBigUInt64LE());
    expect(length % 8).toBe(0);
    const header = JSON.parse(encoded.toString('utf8', 8, 8 + length));
    expect(header).toEqual({ floats: entry(0, 8), bytes: entry(8, 11, [3], 'U8') });
  });

  test('through a file', async () => {
    const path = join(folder, 'weights.safetensors');
    const tensors = new Map([
      [
        'weight',
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ],
    ]);
    await writeSafetensors(path, tensors, { step: '7' });
    expect(await readSafetensors(path)).toEqual({ tensors, metadata: { step: '7' } });
  });

  test('no tensors', () => {
    expect(decodeSafetensors(encodeSafetensors(new Map()))).toEqual({ tensors: new Map(), metadata: {} });
  });
});

describe('refused, naming file and fault', () => {
  test.each<[string, Uint8Array, string[]]>([
    ['shorter than a length', Buffer.alloc(7), ['the file', 'at least 8 bytes', '7 bytes']],
    ['header beyond the file', file('{}', 0, 3n), ['the header', 'at most 2 bytes', '3 bytes']],
    ['huge header', file('{}', 0, 2n ** 63n), ['the header', 'at most 2 bytes']],
    ['truncated header', file({ a: entry(0, 4) }, 4).subarray(0, 20), ['the header', 'at most 12 bytes']],
    ['no JSON', file('{"a":'), ['the header', 'JSON']],
    ['no UTF-8', file(Buffer.of(0xff).toString('latin1')).fill(0xff, 8), ['the header', 'JSON', 'not valid']],
    ['an array', file([]), ['the header', 'a JSON object', '[]']],
    ['metadata of numbers', file({ __metadata__: { step: 1 } }), ['__metadata__', 'strings', '{"step":1}']],
    ['an entry that is none', file({ a: 3 }), ["'a'", 'the entry', 'an object', '3']],
    ['unknown type', file({ a: entry(0, 4, [1], 'F8_E5M2') }, 4), ["'a'", 'dtype', 'F32', '"F8_E5M2"']],
    ['inherited type', file({ a: entry(0, 4, [1], 'toString') }, 4), ["'a'", 'dtype', '"toString"']],
    ['negative size', file({ a: entry(0, 4, [-1]) }, 4), ["'a'", 'shape', '[-1]']],
    ['fractional size', file({ a: entry(0, 4, [0.5, 2]) }, 4), ["'a'", 'shape', '[0.5,2]']],
    ['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), ["'a'", 'shape', 'undefined']],
    ['three offsets', file({ a: { ...entry(0, 4), data_offsets: [0, 4, 8] } }, 4), ['data_offsets', '[0,4,8]']],
    ['descending offsets', file({ a: entry(4, 0, [1]) }, 4), ["'a'", 'data_offsets', 'ascending', '[4, 0]']],
    ['offsets beyond the file', file({ a: entry(0, 8) }, 4), ["'a'", 'data_offsets', 'at most 4', '[0, 8]']],
    ['shape and size differ', file({ a: entry(0, 8, [3]) }, 8), ["'a'", '12 bytes for F32[3]', '8 bytes']],
    ['offsets off the width', file({ a: entry(0, 6, [1]) }, 6), ["'a'", '4 bytes for F32[1]', '6 bytes']],
    ['overlap', file({ a: entry(0, 8), b: entry(4, 12) }, 12), ["'b'", 'at byte 8', "4, inside of 'a'"]],
    ['the same bytes twice', file({ a: entry(0, 8), b: entry(0, 8) }, 8), ["'b'", 'at byte 8', "inside of 'a'"]],
    ['a hole', file({ a: entry(0, 4), b: entry(8, 12) }, 12), ["'b'", 'at byte 4', '8, behind a hole']],
    ['a hole at the start', file({ a: entry(4, 8) }, 8), ["'a'", 'at byte 0', '4, behind a hole']],
    ['trailing bytes', file({ a: entry(0, 4) }, 5), ['the data', '4 bytes long', '5 bytes, some of them trailing']],
    ['a name twice', file('{"a":{"x":1},"b":2,"\\u0061":3}'), ['every name', 'unique', "'a' twice"]],
    ['bool of 2', file({ a: entry(0, 1, [1], 'BOOL') }, Buffer.of(2)), ["'a'", 'every bool', '2']],
    ['wide int64', file({ a: entry(0, 8, [1], 'I64') }, Buffer.alloc(8, 1)), ["'a'", 'every int64', 'within int32']],
  ])('%s', async (name, bytes, parts) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    await expect(readSafetensors(path)).rejects.toThrow(refusal('FILE', path, ...parts));
  });

  test('a header above 100 MB, though it lies within the file', () => {
    const bytes = new Uint8Array(100_000_100);
    new DataView(bytes.buffer).setBigUint64(0, 100_000_001n, true);
    expect(() => decodeSafetensors(bytes)).toThrow(refusal('FILE', 'the header', 'at most 100000000', '100000001'));
  });

  test('missing file', async () => {
    await expect(readSafetensors(join(folder, 'absent'))).rejects.toThrow(refusal('FILE', 'absent', 'ENOENT'));
  });

  test('any cut and any flipped bit gives a FILE error or tensors, never another error', () => {
    const good = encodeSafetensors(
      new Map([
        ['a', tensor([1, 2])],
        ['b', tensor([1], [1], 'bool')],
      ]),
      { key: 'value' },
    );
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(good.length - 1), fc.nat(7), (cut, at, bit) => {
        const flipped = Buffer.from(good);
        flipped[at] = (flipped[at] as number) ^ (1 << bit);
        for (const bytes of [good.subarray(0, cut), flipped]) {
          try {
            decodeSafetensors(bytes);
          } catch (error) {
            expect((error as { code: string }).code).toBe('FILE');
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('what cannot be written', () => {
  test('the reserved name', () => {
    expect(() => encodeSafetensors(new Map([['__metadata__', tensor([1])]]))).toThrow(refusal('VALUE', '__metadata__'));
  });

  test('data that does not fill its shape', () => {
    const wrong: Tensor = { dtype: 'float32', shape: [3], data: new Float32Array(2) };
    expect(() => encodeSafetensors(new Map([['w', wrong]]))).toThrow(refusal('SHAPE', "'w'", '12 bytes', '8 bytes'));
  });
});

/** PNG files of every kind, round trips, and damaged ones refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tensor } from '../../lib/graph/tensor';
import { decodePng, encodePng } from '../../lib/io';
import { refusal } from './refusal';

const bytesOf = (name: string) => readFileSync(join(__dirname, 'fixtures', name));
const fixture = (name: string) => decodePng(bytesOf(name), name);
/** The file with another width and height in its header. */
function sized(name: string, width: number, height: number): Uint8Array {
  const bytes = Buffer.from(bytesOf(name));
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}
const image = (values: number[], shape: number[]) => tensor(values, shape, 'uint8');

test('1, 2 and 16 bits of grey', () => {
  const bits = [1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0];
  expect(fixture('gray1.png')).toEqual(
    image(
      bits.map((bit) => bit * 255),
      [2, 10, 1],
    ),
  );
  expect(fixture('gray2.png')).toEqual(image([0, 85, 170, 255, 255], [1, 5, 1]));
  expect(fixture('gray16.png')).toEqual(image([0x12, 0xff], [1, 2, 1]));
});

test('a palette with opacity', () => {
  expect(fixture('palette4.png')).toEqual(image([255, 0, 0, 255, 0, 255, 0, 0, 0, 0, 255, 255], [1, 3, 4]));
});

test('grey and colour with opacity', () => {
  expect(fixture('rgba.png')).toEqual(image([200, 100, 0, 255, 200, 100, 0, 0], [1, 2, 4]));
  expect(fixture('gray-alpha.png')).toEqual(image([10, 255, 10, 51], [1, 2, 2]));
});

test.each([1, 2, 3, 4])('round trip of %d channels', (channels) => {
  const made = image(
    Array.from({ length: 15 * channels }, (_, i) => (i * 37) % 256),
    [5, 3, channels],
  );
  expect(decodePng(encodePng(made))).toEqual(made);
});

test('encodes [H, W] as one channel', () => {
  expect(decodePng(encodePng(image([1, 2], [2, 1])))).toEqual(image([1, 2], [2, 1, 1]));
});

describe('refused', () => {
  test.each<[string, () => Uint8Array, string[]]>([
    ['no PNG', () => Buffer.from('GIF89a................'), ['the file', 'a whole PNG']],
    ['empty', () => new Uint8Array(0), ['the file', 'a whole PNG']],
    ['truncated', () => bytesOf('rgba.png').subarray(0, 50), ['a whole PNG']],
    ['a height beyond the data', () => bytesOf('taller-than-data.png'), ['a whole PNG']],
    [
      'a width far beyond the data',
      () => sized('rgba.png', 0x10000003, 1),
      ['the picture', 'deflate', '268435459 x 1'],
    ],
    ['a height far beyond the data', () => sized('rgba.png', 2, 0xffffffff), ['the picture', '2 x 4294967295']],
    ['no header', () => bytesOf('rgba.png').subarray(0, 8), ['one header', '0 of them']],
    ['two headers', () => Buffer.concat([bytesOf('rgba.png'), bytesOf('rgba.png').subarray(8)]), ['2 of them']],
    ['colours beyond the palette', () => bytesOf('palette-beyond.png'), ['every colour', 'below 3', 'got 3']],
    ['interlaced bits', () => bytesOf('interlaced1.png'), ['an interlaced PNG', 'of 1 bits']],
  ])('%s', (name, bytes, parts) => {
    expect(() => decodePng(bytes(), name)).toThrow(refusal('FILE', name, ...parts));
  });

  test('every cut and every flipped bit: a FILE error or a picture', () => {
    const good = encodePng(
      image(
        Array.from({ length: 48 }, (_, i) => i * 5),
        [4, 4, 3],
      ),
    );
    for (let at = 0; at < good.length; at++) {
      const flipped = Uint8Array.from(good);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      for (const bytes of [good.subarray(0, at), flipped]) {
        expect(() => decodePng(bytes)).toThrow(refusal('FILE', 'decodePng'));
      }
    }
  });

  test('tensors that are no images', () => {
    expect(() => encodePng(tensor([1], [1, 1, 1]))).toThrow(refusal('DTYPE', 'uint8', 'float32'));
    expect(() => encodePng(image([1, 2, 3, 4, 5], [1, 1, 5]))).toThrow(refusal('SHAPE', '[H, W, C]', '[1, 1, 5]'));
    expect(() => encodePng(image([], [0, 4]))).toThrow(refusal('SHAPE', '[0, 4]'));
  });
});

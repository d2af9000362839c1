/** PNG pictures as uint8 tensors [H, W, C], and back. */
import type { DecodedPng } from 'fast-png';
import { expect } from '../graph/errors';
import { showShape, type Tensor } from '../graph/tensor';
import { expectFile } from './file';

/** Loaded when first needed, since it takes longer to load than the rest of the library. */
const fastPng = () => require('fast-png') as typeof import('fast-png');

/** One sample per byte: unpacks 1, 2 and 4 bits, each row padded to whole bytes; drops the low byte of 16 bits. */
function samplesOf({ data, width, height, channels, depth }: DecodedPng): Uint8Array {
  if (depth === 8) return data as Uint8Array;
  if (depth === 16) return Uint8Array.from(data, (sample) => sample >>> 8);
  const rowLength = Math.ceil((width * channels * depth) / 8);
  const perByte = 8 / depth;
  const samples = new Uint8Array(height * width * channels);
  for (let i = 0; i < samples.length; i++) {
    const [y, x] = [Math.floor(i / (width * channels)), i % (width * channels)];
    const byte = data[y * rowLength + Math.floor(x / perByte)] as number;
    samples[i] = (byte >>> (8 - depth * ((x % perByte) + 1))) & (2 ** depth - 1);
  }
  return samples;
}

/** Replaces palette entries by their colours, and stretches samples of few bits to 0 ... 255. */
function colored(png: DecodedPng, where: string): { data: Uint8Array; channels: number } {
  const samples = samplesOf(png);
  const { palette, depth, channels } = png;
  if (!palette) {
    const scale = depth < 8 ? 255 / (2 ** depth - 1) : 1;
    return { data: scale === 1 ? samples : samples.map((sample) => sample * scale), channels };
  }
  const width = palette[0]?.length ?? 0;
  const data = new Uint8Array(samples.length * width);
  samples.forEach((entry, i) => {
    const color = palette[entry];
    expectFile(color !== undefined, where, 'every colour', `below ${palette.length}, the palette's size`, () => entry);
    data.set(color, i * width);
  });
  return { data, channels: width };
}

/**
 * The picture of a PNG file as uint8 [H, W, C]: C is 1 for grey, 2 for grey with opacity, 3 for colour, 4 for colour
 * with opacity. Colours of 16 bits keep their upper 8.
 *
 * @param where named in errors
 * @throws ConvoltError `FILE` for a damaged file
 */
export function decodePng(bytes: Uint8Array, where = 'decodePng'): Tensor {
  const png = decodeOrRefuse(bytes, where);
  const { width, height } = png;
  const isPlain = bytes[28] === 0 || png.depth >= 8;
  expectFile(isPlain, where, 'an interlaced PNG', 'of 8 or more bits', () => `of ${png.depth} bits`);
  const { data, channels } = colored(png, where);
  return { dtype: 'uint8', shape: [height, width, channels], data };
}

/** Numbers per pixel by the colour type: grey, colour, entries of a palette, grey and colour with opacity. */
const numbersPerPixel: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Deflate makes at most 1032 bytes of one, so that a header that promises more lies. */
const mostInflation = 1032;

/** Throws unless the file can hold as many pixels as its header says, before memory is taken for them. */
function expectPixels(bytes: Uint8Array, where: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const most = mostInflation * bytes.length;
  let headers = 0;
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) !== 0x49484452 || at + 18 > bytes.length) continue; // 'IHDR'
    const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    const bits = view.getUint8(at + 16) * (numbersPerPixel[view.getUint8(at + 17)] ?? 1);
    const isWithin = height * Math.ceil((width * bits) / 8) <= most;
    expectFile(
      isWithin,
      where,
      'the picture',
      `at most ${most} bytes, what deflate can make`,
      () => `${width} x ${height} pixels`,
    );
    headers++;
  }
  expectFile(headers === 1, where, 'the file', 'a whole PNG with one header', () => `${headers} of them`);
}

function decodeOrRefuse(bytes: Uint8Array, where: string): DecodedPng {
  expectPixels(bytes, where);
  try {
    return fastPng().decode(bytes, { checkCrc: true });
  } catch (cause) {
    const { message } = cause as Error;
    expectFile(false, where, 'the file', 'a whole PNG', () => message);
  }
}

/**
 * The PNG file of a picture.
 *
 * @param image uint8 [H, W] or [H, W, C] with 1 to 4 channels, as `decodePng` gives it
 * @throws ConvoltError `SHAPE`, `DTYPE` for another tensor
 */
export function encodePng({ dtype, shape, data }: Tensor): Uint8Array {
  expect(dtype === 'uint8', 'DTYPE', () => ({
    where: 'encodePng',
    what: 'the image',
    expected: 'uint8',
    actual: dtype,
  }));
  const [height = 0, width = 0, channels = 1] = shape;
  const isImage =
    (shape.length === 2 || shape.length === 3) && height > 0 && width > 0 && channels >= 1 && channels <= 4;
  expect(isImage, 'SHAPE', () => ({
    where: 'encodePng',
    what: 'the image',
    expected: '[H, W] or [H, W, C] with 1 to 4 channels',
    actual: showShape(shape),
  }));
  return fastPng().encode({ width, height, channels, depth: 8, data: data as Uint8Array });
}

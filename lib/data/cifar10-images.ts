/** The two forms in which CIFAR-10 is kept: records of planes (the original), and PNG sheets with labels in JSON. */
import { expect } from '../graph/errors';
import { showType, type Tensor } from '../graph/tensor';
import { expectFile, readBytes } from '../io/file';
import { readImage } from '../io/image';

const side = 32;
const channels = 3;
const planeSize = side * side;
const imageSize = planeSize * channels;
const recordSize = 1 + imageSize;

/** Pixels [H, W, C] of images one after another, and their labels. */
export interface LabeledImages {
  readonly pixels: Uint8Array;
  readonly labels: readonly number[];
}

/**
 * Images of the original binary files: records of one label byte and the planes of red, green and blue.
 *
 * @param where named in errors
 * @throws ConvoltError `FILE` when the file does not consist of whole records
 */
export function decodeRecords(bytes: Uint8Array, where: string): LabeledImages {
  const count = Math.floor(bytes.length / recordSize);
  const isWhole = count > 0 && bytes.length === count * recordSize;
  expectFile(isWhole, where, 'the length', `a multiple of ${recordSize} bytes`, () => `${bytes.length} bytes`);
  const pixels = new Uint8Array(count * imageSize);
  const labels: number[] = [];
  for (let i = 0; i < count; i++) {
    const record = bytes.subarray(i * recordSize, (i + 1) * recordSize);
    const image = pixels.subarray(i * imageSize, (i + 1) * imageSize);
    labels.push(record[0] as number);
    for (let c = 0; c < channels; c++) {
      const plane = 1 + c * planeSize;
      for (let p = 0; p < planeSize; p++) image[p * channels + c] = record[plane + p] as number;
    }
  }
  return { pixels, labels };
}

/** Images of one binary file. */
export const readRecords = async (path: string): Promise<LabeledImages> =>
  decodeRecords(await readBytes('cifar10', path), path);

/**
 * The pixels of a PNG sheet: one image per row of 32 * 32 colours.
 *
 * @throws ConvoltError `FILE` for a damaged file or a picture of another width or without colour
 */
export async function readSheet(path: string): Promise<Uint8Array> {
  const sheet = await readImage(path);
  const [, width, depth] = sheet.shape;
  const isSheet = width === planeSize && depth === channels;
  expectFile(isSheet, path, 'the sheet', `[N, ${planeSize}, ${channels}]`, () => showType(sheet));
  return sheet.data as Uint8Array;
}

/**
 * Labels as a JSON array of numbers.
 *
 * @throws ConvoltError `FILE` for anything else
 */
export async function readLabels(path: string): Promise<readonly number[]> {
  const text = new TextDecoder().decode(await readBytes('cifar10', path));
  const labels = parsed(text, path);
  const isLabels = Array.isArray(labels) && labels.every((label) => Number.isInteger(label));
  expectFile(isLabels, path, 'the labels', 'an array of whole numbers', () => text.slice(0, 40));
  return labels as number[];
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { message } = cause as Error;
    expectFile(false, where, 'the labels', 'JSON', () => message);
  }
}

/**
 * All images as one tensor uint8 [N, 32, 32, 3], and their labels as int32 [N].
 *
 * @throws ConvoltError `DATA` when they are of unequal number
 */
export function joined(parts: readonly Uint8Array[], labels: readonly number[], where: string): [Tensor, Tensor] {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const count = size / imageSize;
  expect(count === labels.length, 'DATA', () => ({
    where,
    what: 'the number of labels',
    expected: `${count}, that of the images`,
    actual: String(labels.length),
  }));
  const pixels = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    pixels.set(part, offset);
    offset += part.length;
  }
  return [
    { dtype: 'uint8', shape: [count, side, side, channels], data: pixels },
    { dtype: 'int32', shape: [count], data: Int32Array.from(labels) },
  ];
}

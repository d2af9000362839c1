/**
 * IDX files, the form of MNIST: two zero bytes, a type byte, the rank, the sizes as big-endian uint32, the numbers.
 * (LeCun, Cortes, Burges: The MNIST database of handwritten digits.)
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type DType, showShape, sizeOf, type Tensor } from '../graph/tensor';
import { writeAtomically } from './atomic-file';
import { decodeElements, type ElementFormatName, elementFormats } from './element-format';
import { bytesOfArray, expectFile, readBytes } from './file';

const formatOfType: Readonly<Record<number, ElementFormatName>> = {
  8: 'U8',
  9: 'I8',
  11: 'I16',
  12: 'I32',
  13: 'F32',
  14: 'F64',
};

const typeOfDType: Readonly<Record<DType, number>> = {
  uint8: 0x08,
  bool: 0x08,
  int8: 0x09,
  int32: 0x0c,
  float32: 0x0d,
};

const maximumRank = 8;

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;

/**
 * A tensor from the bytes of an IDX file: uint8 and int8 stay what they are (sharing the memory of `bytes`), wider integers become
 * int32, floats float32.
 *
 * @param where named in errors
 * @throws ConvoltError `FILE` when type, sizes and length do not agree
 */
export function decodeIdx(bytes: Uint8Array, where = 'decodeIdx'): Tensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expectFile(bytes.length >= 4, where, 'the file', 'at least 4 bytes long', () => `${bytes.length} bytes`);
  const [zero0, zero1, type, rank] = bytes as unknown as [number, number, number, number];
  const isMagic = zero0 === 0 && zero1 === 0;
  expectFile(isMagic, where, 'the first two bytes', 'zero, as in every IDX file', () => `${hex(zero0)} ${hex(zero1)}`);
  const format = formatOfType[type];
  const types = Object.keys(formatOfType).map((known) => hex(Number(known)));
  expectFile(format !== undefined, where, 'the type byte', `one of ${types.join(', ')}`, () => hex(type));
  expectFile(rank >= 1 && rank <= maximumRank, where, 'the rank', `between 1 and ${maximumRank}`, () => rank);

  const start = 4 + 4 * rank;
  expectFile(bytes.length >= start, where, 'the header', `${start} bytes long`, () => `${bytes.length} bytes`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  expectFile(!shape.includes(0), where, 'every size', 'above 0', () => showShape(shape));
  const expected = start + sizeOf(shape) * elementFormats[format].bytes;
  const needed = `${expected} bytes for the sizes ${showShape(shape)}`;
  const surplus = bytes.length > expected ? ', some of them trailing' : ', too few';
  expectFile(bytes.length === expected, where, 'the length', needed, () => `${bytes.length} bytes${surplus}`);
  const data = decodeElements(format, bytes.subarray(start), false, where);
  return { dtype: elementFormats[format].dtype, shape, data };
}

/** The bytes of an IDX file: uint8, bool and int8 as bytes, int32 and float32 as they are. */
export function encodeIdx({ dtype, shape, data }: Tensor): Uint8Array {
  const bytes = Buffer.alloc(4 + 4 * shape.length + data.byteLength);
  bytes[2] = typeOfDType[dtype];
  bytes[3] = shape.length;
  for (const [axis, length] of shape.entries()) bytes.writeUInt32BE(length, 4 + 4 * axis);
  const numbers = bytes.subarray(4 + 4 * shape.length);
  numbers.set(bytesOfArray(data));
  if (data.BYTES_PER_ELEMENT === 4) numbers.swap32();
  return bytes;
}

const inflate = promisify(gunzip);

async function unzipped(bytes: Uint8Array, where: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return bytesOfArray(await inflate(bytes));
  } catch (cause) {
    const { message } = cause as Error;
    expectFile(false, where, 'the gzip data', 'whole', () => message);
  }
}

/**
 * Reads an IDX file, gzipped or not.
 *
 * @throws ConvoltError `FILE` when it is missing, damaged or lies about its sizes; `IO` when it cannot be read
 */
export async function readIdx(path: string): Promise<Tensor> {
  const where = `readIdx ${path}`;
  return decodeIdx(await unzipped(await readBytes('readIdx', path), where), where);
}

/** Writes an IDX file, not gzipped. */
export async function writeIdx(path: string, tensor: Tensor): Promise<void> {
  await writeAtomically(path, [encodeIdx(tensor)]);
}

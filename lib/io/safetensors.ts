/**
 * The safetensors form: the header's length as a little-endian uint64, a JSON header of names, types, shapes and byte
 * ranges, then the numbers, little-endian in C order, without gaps.
 */
import { expect } from '../graph/errors';
import { bytesOf, showType, type Tensor } from '../graph/tensor';
import { writeAtomically } from './atomic-file';
import { decodeElements, elementFormats, formatOfDType } from './element-format';
import { bytesOfArray, expectFile, readBytes } from './file';
import { parseHeader } from './safetensors-header';

/** Named tensors, and text entries about them. */
export interface TensorFile {
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const alignment = 8;
const maximumHeader = 100_000_000;

/** Wider numbers first: then every tensor starts at a multiple of its element's width. */
const byWidth = ([, a]: [string, Tensor], [, b]: [string, Tensor]) =>
  b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT;

/** The file in parts: the header, then the tensors' own memory, not copied. */
function partsOf(tensors: ReadonlyMap<string, Tensor>, metadata?: Readonly<Record<string, string>>): Uint8Array[] {
  const entries: [string, object][] = metadata ? [['__metadata__', metadata]] : [];
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [name, tensor] of [...tensors].sort(byWidth)) {
    expect(name !== '__metadata__', 'VALUE', () => ({
      where: 'writeSafetensors',
      what: 'every name',
      expected: "another than '__metadata__'",
      actual: `'${name}'`,
    }));
    expect(tensor.data.byteLength === bytesOf(tensor), 'SHAPE', () => ({
      where: 'writeSafetensors',
      what: `the data of '${name}'`,
      expected: `${bytesOf(tensor)} bytes for ${showType(tensor)}`,
      actual: `${tensor.data.byteLength} bytes`,
    }));
    const begin = end;
    end += tensor.data.byteLength;
    entries.push([name, { dtype: formatOfDType[tensor.dtype], shape: tensor.shape, data_offsets: [begin, end] }]);
    parts.push(bytesOfArray(tensor.data));
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(text.length / alignment) * alignment;
  const start = Buffer.alloc(8 + length, ' ');
  start.writeBigUInt64LE(BigInt(length));
  text.copy(start, 8);
  return [start, ...parts];
}

/**
 * The bytes of a safetensors file.
 *
 * @param metadata text entries for the header
 * @throws ConvoltError `VALUE` for the reserved name `__metadata__`, `SHAPE` for data that does not fill its shape
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  return Buffer.concat(partsOf(tensors, metadata));
}

/**
 * Named tensors from the bytes of a safetensors file. F64, F16 and BF16 become float32; I64 (within int32) and I16
 * become int32. Float32, int32, uint8, bool and int8 tensors share the memory of `bytes` where alignment allows.
 *
 * @param where named in errors
 * @throws ConvoltError `FILE` when the header is damaged or does not describe exactly the bytes behind it
 */
export function decodeSafetensors(bytes: Uint8Array, where = 'decodeSafetensors'): TensorFile {
  expectFile(bytes.length >= 8, where, 'the file', 'at least 8 bytes long', () => `${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const most = Math.min(maximumHeader, bytes.length - 8);
  expectFile(length <= most, where, 'the header', `at most ${most} bytes long`, () => `${length} bytes`);
  const data = bytes.subarray(8 + length);
  const { entries, metadata } = parseHeader(bytes.subarray(8, 8 + length), data.length, where);
  const tensors = new Map<string, Tensor>();
  for (const { name, format, shape, begin, end } of entries) {
    const values = decodeElements(format, data.subarray(begin, end), true, `${where} '${name}'`);
    tensors.set(name, { dtype: elementFormats[format].dtype, shape, data: values });
  }
  return { tensors, metadata };
}

/**
 * Reads a safetensors file; for the types see `decodeSafetensors`.
 *
 * @throws ConvoltError `FILE` when it is missing, damaged or lies about its sizes; `IO` when it cannot be read
 */
export async function readSafetensors(path: string): Promise<TensorFile> {
  return decodeSafetensors(await readBytes('readSafetensors', path), `readSafetensors ${path}`);
}

/**
 * Writes a safetensors file, whole or not at all.
 *
 * @throws ConvoltError `IO` when the system refuses (an older file survives), `VALUE`, `SHAPE` as `encodeSafetensors`
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  await writeAtomically(path, partsOf(tensors, metadata));
}

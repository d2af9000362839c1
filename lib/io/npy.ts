/** NumPy's .npy files, versions 1 and 2, little-endian in C order. */
import { type DType, showShape, sizeOf, type Tensor } from '../graph/tensor';
import { writeAtomically } from './atomic-file';
import { decodeElements, type ElementFormatName, elementFormats } from './element-format';
import { bytesOfArray, expectFile, readBytes } from './file';

const formatOfDescr: Readonly<Record<string, ElementFormatName>> = {
  '<f4': 'F32',
  '<f8': 'F64',
  '<f2': 'F16',
  '<i4': 'I32',
  '<i8': 'I64',
  '<i2': 'I16',
  '|i1': 'I8',
  '|u1': 'U8',
  '|b1': 'BOOL',
};

const descrOfDType: Readonly<Record<DType, string>> = {
  float32: '<f4',
  int32: '<i4',
  uint8: '|u1',
  bool: '|b1',
  int8: '|i1',
};

const magic = Buffer.from('\x93NUMPY', 'latin1');

const headerForm = /^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(((?:\d+, )*\d*,?)\), ?\}\s*$/;

/**
 * A tensor from the bytes of an .npy file: float64 and float16 become float32, int64 (within int32) and int16
 * become int32.
 *
 * @param where named in errors
 * @throws ConvoltError `FILE` for another kind of file, Fortran order, big-endian numbers, or a length that does not fit
 */
export function decodeNpy(bytes: Uint8Array, where = 'decodeNpy'): Tensor {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expectFile(buffer.length >= 12, where, 'the file', 'at least 12 bytes long', () => `${buffer.length} bytes`);
  const start = buffer.subarray(0, magic.length);
  expectFile(start.equals(magic), where, 'the first bytes', '\\x93NUMPY', () =>
    JSON.stringify(start.toString('latin1')),
  );
  const version = buffer[6] as number;
  expectFile(version === 1 || version === 2, where, 'the version', '1 or 2', () => version);
  const headerStart = version === 1 ? 10 : 12;
  const headerLength = version === 1 ? buffer.readUInt16LE(8) : buffer.readUInt32LE(8);
  const dataStart = headerStart + headerLength;
  expectFile(dataStart <= buffer.length, where, 'the header', 'within the file', () => `${headerLength} bytes long`);

  const header = buffer.toString('latin1', headerStart, dataStart);
  const [, descr = '', order, sizes = ''] = headerForm.exec(header) ?? [];
  expectFile(order !== undefined, where, 'the header', 'descr, fortran_order and shape', () =>
    header.slice(0, 80).trim(),
  );
  const format = formatOfDescr[descr];
  const known = Object.keys(formatOfDescr).join(', ');
  expectFile(format !== undefined, where, 'the element type', `one of ${known}`, () => `'${descr}'`);
  expectFile(order === 'False', where, 'the order', 'C (numpy.ascontiguousarray makes it)', () => 'Fortran');
  const shape = sizes
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);

  const data = bytes.subarray(dataStart);
  const needed = sizeOf(shape) * elementFormats[format].bytes;
  const expected = `${needed} bytes for the shape ${showShape(shape)}`;
  expectFile(data.length === needed, where, 'the data', expected, () => `${data.length} bytes`);
  return { dtype: elementFormats[format].dtype, shape, data: decodeElements(format, data, true, where) };
}

/** The bytes of an .npy file of version 1; the numbers start at a multiple of 64. */
export function encodeNpy({ dtype, shape, data }: Tensor): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${descrOfDType[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const total = Math.ceil((magic.length + 4 + header.length + 1) / 64) * 64;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(total - magic.length - 4);
  const padded = `${header.padEnd(total - magic.length - 5)}\n`;
  return Buffer.concat([magic, Buffer.of(1, 0), length, Buffer.from(padded, 'latin1'), bytesOfArray(data)]);
}

/**
 * Reads an .npy file.
 *
 * @throws ConvoltError `FILE` when it is missing, damaged or of an unknown kind; `IO` when it cannot be read
 */
export async function readNpy(path: string): Promise<Tensor> {
  return decodeNpy(await readBytes('readNpy', path), `readNpy ${path}`);
}

/** Writes an .npy file, whole or not at all. */
export async function writeNpy(path: string, tensor: Tensor): Promise<void> {
  await writeAtomically(path, [encodeNpy(tensor)]);
}

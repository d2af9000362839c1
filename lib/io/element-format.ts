/** How files store numbers, and how each way becomes one of the element types float32, int32, uint8, bool and int8. */
import { allocate, type DType, type TypedArray } from '../graph/tensor';
import { expectFile } from './file';

/** A stored number: its width, the element type that it becomes, and how to read one. */
export interface ElementFormat {
  readonly bytes: number;
  readonly dtype: DType;
  readonly get: (view: DataView, at: number, littleEndian: boolean) => number;
}

/** A half-precision number: sign, 5 bits of exponent, 10 bits of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
}

const scratch = new DataView(new ArrayBuffer(4));

/** A bfloat16 number: the upper half of a float32. */
function bfloatToNumber(bits: number): number {
  scratch.setUint16(0, bits);
  return scratch.getFloat32(0);
}

/** By the names of safetensors. Wider floats are rounded to float32; wider integers must fit into int32. */
export const elementFormats = {
  F64: { bytes: 8, dtype: 'float32', get: (view, at, little) => view.getFloat64(at, little) },
  F32: { bytes: 4, dtype: 'float32', get: (view, at, little) => view.getFloat32(at, little) },
  F16: { bytes: 2, dtype: 'float32', get: (view, at, little) => halfToNumber(view.getUint16(at, little)) },
  BF16: { bytes: 2, dtype: 'float32', get: (view, at, little) => bfloatToNumber(view.getUint16(at, little)) },
  I64: { bytes: 8, dtype: 'int32', get: (view, at, little) => Number(view.getBigInt64(at, little)) },
  I32: { bytes: 4, dtype: 'int32', get: (view, at, little) => view.getInt32(at, little) },
  I16: { bytes: 2, dtype: 'int32', get: (view, at, little) => view.getInt16(at, little) },
  I8: { bytes: 1, dtype: 'int8', get: (view, at) => view.getInt8(at) },
  U8: { bytes: 1, dtype: 'uint8', get: (view, at) => view.getUint8(at) },
  BOOL: { bytes: 1, dtype: 'bool', get: (view, at) => view.getUint8(at) },
} as const satisfies Record<string, ElementFormat>;

export type ElementFormatName = keyof typeof elementFormats;

/** The format in which each element type is written. */
export const formatOfDType: Readonly<Record<DType, ElementFormatName>> = {
  float32: 'F32',
  int32: 'I32',
  uint8: 'U8',
  bool: 'BOOL',
  int8: 'I8',
};

/**
 * Numbers from bytes. Where the file's form is the memory's form, the result shares the memory of `bytes`.
 *
 * @param littleEndian false for formats of the network's byte order
 * @throws ConvoltError `FILE` for 64-bit integers beyond int32 and for bools other than 0 and 1
 */
export function decodeElements(
  name: ElementFormatName,
  bytes: Uint8Array,
  littleEndian: boolean,
  where: string,
): TypedArray {
  const format: ElementFormat = elementFormats[name];
  const size = bytes.length / format.bytes;
  if (name === 'U8') return bytes;
  if (name === 'I8') return new Int8Array(bytes.buffer, bytes.byteOffset, size);
  if (name === 'BOOL') return checkedBools(bytes, where);
  if (littleEndian && (name === 'F32' || name === 'I32')) {
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    const { buffer, byteOffset } = aligned;
    return name === 'F32' ? new Float32Array(buffer, byteOffset, size) : new Int32Array(buffer, byteOffset, size);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = allocate(format.dtype, size);
  for (let i = 0; i < size; i++) {
    const value = format.get(view, i * format.bytes, littleEndian);
    data[i] = value;
    if (name === 'I64') expectFile(data[i] === value, where, 'every int64', 'within int32', () => value);
  }
  return data;
}

function checkedBools(bytes: Uint8Array, where: string): Uint8Array {
  const wrong = bytes.findIndex((byte) => byte > 1);
  expectFile(wrong < 0, where, 'every bool', '0 or 1', () => bytes[wrong]);
  return bytes;
}

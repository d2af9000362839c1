/** Element types, shapes and host tensors: plain numbers with a shape, the only data that crosses the border. */
import { expect } from './errors';

/** Element types. `bool` is stored as one byte, 0 or 1. */
export type DType = 'float32' | 'int32' | 'uint8' | 'bool' | 'int8';

/** Lengths of the axes, the outermost first; [] for a scalar. */
export type Shape = readonly number[];

/** The type of a value in the graph. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export type TypedArray = Float32Array | Int32Array | Uint8Array | Int8Array;

/** A host tensor: row-major `data` of `shape`; channel-last for images (N, H, W, C) and (N, T, F) for sequences. */
export interface Tensor extends TensorType {
  readonly data: TypedArray;
}

/** The number that the native core uses for each element type; the order is the core's `DType`. */
export const dtypes: readonly DType[] = ['float32', 'int32', 'uint8', 'bool', 'int8'];

export const bytesPerElement: Readonly<Record<DType, number>> = { float32: 4, int32: 4, uint8: 1, bool: 1, int8: 1 };

/** Number of elements of a shape; 1 for a scalar. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

export const bytesOf = (type: TensorType): number => sizeOf(type.shape) * bytesPerElement[type.dtype];

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, i) => length === b[i]);

/** `[2, 3]`, as messages show a shape. */
export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`;

export const showType = (type: TensorType): string => `${type.dtype}${showShape(type.shape)}`;

/** Allocates zeroed host storage for `size` elements of `dtype`. */
export function allocate(dtype: DType, size: number): TypedArray {
  if (dtype === 'float32') return new Float32Array(size);
  if (dtype === 'int32') return new Int32Array(size);
  return dtype === 'int8' ? new Int8Array(size) : new Uint8Array(size);
}

/** The element type of the typed array that holds numbers of `dtype` on the host. */
export const storedAs = (dtype: DType): DType => (dtype === 'bool' ? 'uint8' : dtype);

/** Nested arrays of numbers, as users write small tensors. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

function nestedShape(values: NestedNumbers): number[] {
  const shape: number[] = [];
  for (let level = values; Array.isArray(level); level = level[0] as NestedNumbers) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

/**
 * Makes a host tensor.
 *
 * @param values a typed array, a flat array or nested arrays of numbers
 * @param shape the shape; default: that of the nesting
 * @param dtype default `float32` for plain numbers, the array's own type for typed arrays
 * @throws ConvoltError `SHAPE` when the number of values is not the product of the shape, or the nesting is ragged
 * @example tensor([[1, 2], [3, 4]]).shape // [2, 2]
 */
export function tensor(values: TypedArray | NestedNumbers, shape?: Shape, dtype?: DType): Tensor {
  if (ArrayBuffer.isView(values)) {
    const type = dtype ?? dtypeOf(values);
    const isStored = storedAs(type) === dtypeOf(values);
    const data = isStored ? values : filled(type, values);
    return checked({ dtype: type, shape: shape ?? [values.length], data });
  }
  const flat = (Array.isArray(values) ? values.flat(Number.POSITIVE_INFINITY) : [values]).map(Number);
  const type = dtype ?? 'float32';
  return checked({ dtype: type, shape: shape ?? nestedShape(values), data: filled(type, flat) });
}

function filled(dtype: DType, values: ArrayLike<number>): TypedArray {
  const data = allocate(dtype, values.length);
  data.set(values);
  return data;
}

function checked(made: Tensor): Tensor {
  for (const length of made.shape) {
    expect(Number.isInteger(length) && length >= 0, 'SHAPE', () => ({
      where: 'tensor',
      what: 'every size',
      expected: 'a whole number of 0 or more',
      actual: String(length),
      details: { shape: showShape(made.shape) },
    }));
  }
  expect(made.data.length === sizeOf(made.shape), 'SHAPE', () => ({
    where: 'tensor',
    what: 'the number of values',
    expected: `${sizeOf(made.shape)}, the product of the shape`,
    actual: String(made.data.length),
    details: { shape: showShape(made.shape) },
  }));
  return made;
}

/** The element type that a typed array holds. `toString` tags are compared, since jest's realm defeats `instanceof`. */
export function dtypeOf(array: ArrayBufferView): DType {
  const tag = Object.prototype.toString.call(array);
  if (tag === '[object Float32Array]') return 'float32';
  if (tag === '[object Int32Array]') return 'int32';
  if (tag === '[object Int8Array]') return 'int8';
  expect(/Uint8(Clamped)?Array|Buffer/.test(tag), 'DTYPE', () => ({
    where: 'tensor',
    what: 'the typed array',
    expected: 'a Float32Array, Int32Array, Uint8Array or Int8Array',
    actual: tag.slice(8, -1),
  }));
  return 'uint8';
}

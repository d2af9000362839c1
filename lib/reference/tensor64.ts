/** Float64 host tensors and the index arithmetic that the reference ops share: plain, slow and easy to check by eye. */
import {
  type DType,
  type NestedNumbers,
  type Shape,
  sizeOf,
  type Tensor,
  type TensorType,
  tensor,
} from '../graph/tensor';
import type { Node } from '../graph/value';

/** A tensor whose numbers are float64 whatever its element type says; integers and bools are whole numbers in it. */
export interface Tensor64 extends TensorType {
  readonly data: Float64Array;
}

/** Computes the numbers of every output of `node` from its inputs. */
export type Compute = (node: Node, ...inputs: Tensor64[]) => ArrayLike<number>[];

/** Ops of one family by name. */
export type Family = Readonly<Record<string, Compute>>;

/** Makes a float64 tensor from nested arrays, or from flat numbers and a shape. */
export function tensor64(values: NestedNumbers, shape?: Shape, dtype: DType = 'float32'): Tensor64 {
  const flat = (Array.isArray(values) ? values.flat(Number.POSITIVE_INFINITY) : [values]) as number[];
  return stored({ dtype, shape: shape ?? tensor(values).shape }, flat);
}

/** The same numbers in float64. */
export const widen = ({ dtype, shape, data }: Tensor): Tensor64 => ({ dtype, shape, data: Float64Array.from(data) });

/** The numbers as the element type can hold them: integers are cut toward zero, bools are 0 or 1. */
export function stored(type: TensorType, numbers: ArrayLike<number>): Tensor64 {
  const { dtype, shape } = type;
  const data = Float64Array.from(numbers, dtype === 'float32' ? Number : Math.trunc);
  if (data.length !== sizeOf(shape)) throw new Error(`reference: ${data.length} numbers for [${shape}]`);
  return { dtype, shape, data };
}

/** Position of `index` in row-major order. */
export const offsetOf = (index: readonly number[], shape: Shape): number =>
  index.reduce((offset, i, axis) => offset * (shape[axis] as number) + i, 0);

/** Every index of `shape` in row-major order. */
export function* indicesOf(shape: Shape): Generator<number[]> {
  const index = shape.map(() => 0);
  for (let count = sizeOf(shape); count > 0; count--) {
    yield [...index];
    let axis = shape.length - 1;
    while (axis >= 0 && (index[axis] as number) === (shape[axis] as number) - 1) index[axis--] = 0;
    if (axis >= 0) index[axis] = (index[axis] as number) + 1;
  }
}

/** Numbers of a new tensor, each computed from its index. */
export const generate = (shape: Shape, at: (index: number[]) => number): Float64Array =>
  Float64Array.from(indicesOf(shape), at);

/** The number at `index`. */
export const at = (x: Tensor64, index: readonly number[]): number => x.data[offsetOf(index, x.shape)] as number;

/** The shape of an output of `node`. */
export const outputShape = (node: Node, index = 0): Shape => (node.outputs[index] as TensorType).shape;

/** Attributes of `node` as the op's own type. */
export const attributesOf = <A>(node: Node): A => node.attributes as A;

/** Where values come from: feeds of a call, states of the store, constants written in the program. */
import { defineOp } from '../graph/define-op';
import { type DType, type Shape, type Tensor, type TensorType, type TypedArray, tensor } from '../graph/tensor';
import { isValue, named, type Value } from '../graph/value';

const feedOp = defineOp<{ name: string; type: TensorType }>({
  name: 'feed',
  kind: 'source',
  infer: (_, { type }) => type,
});

const stateOp = defineOp<{ path: string; type: TensorType }>({
  name: 'state',
  kind: 'source',
  infer: (_, { type }) => type,
});

const constantOp = defineOp<{ tensor: Tensor }>({
  name: 'constant',
  kind: 'source',
  infer: (_, { tensor: { dtype, shape } }) => ({ dtype, shape }),
});

/** A value that every call of the program brings with it. */
export const feed = (name: string, shape: Shape, dtype: DType = 'float32'): Value =>
  named(name, feedOp([], { name, type: { dtype, shape } }).outputs[0] as Value);

/** A value that lives in the store under `path` and survives from step to step. */
export const state = (path: string, shape: Shape, dtype: DType = 'float32'): Value =>
  named(path, stateOp([], { path, type: { dtype, shape } }).outputs[0] as Value);

/** Numbers that are part of the program. Anything that changes between steps must be a feed or a state instead. */
export function constant(values: Tensor | TypedArray | Parameters<typeof tensor>[0], dtype?: DType): Value {
  const given = typeof values === 'object' && 'data' in values && 'shape' in values ? (values as Tensor) : undefined;
  const made = given ?? tensor(values as TypedArray, undefined, dtype);
  return constantOp([], { tensor: made }).outputs[0] as Value;
}

/** A value, or a number that becomes a constant of the other operand's type. */
export type Operand = Value | number;

/** Turns a number into a scalar constant. */
export const asValue = (operand: Operand, dtype: DType = 'float32'): Value =>
  isValue(operand) ? operand : constant(tensor(operand, [], dtype));

/** The path of a state value, or undefined for any other value. */
export const statePath = (value: Value): string | undefined =>
  value.node.op === (stateOp.definition as unknown) ? (value.node.attributes as { path: string }).path : undefined;

/** The number in a scalar constant, or undefined for any other value. */
export function scalarConstant(value: Value): number | undefined {
  if (value.node.op !== (constantOp.definition as unknown)) return undefined;
  const { data } = (value.node.attributes as { tensor: Tensor }).tensor;
  return data.length === 1 ? data[0] : undefined;
}

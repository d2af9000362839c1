/** Products of matrices. */
import { defineOp, expectDType } from '../graph/define-op';
import { complaint, expectOptions } from '../graph/errors';
import { type Shape, sameShape, showShape, sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { reshape } from './shape';
import { transpose } from './transpose';

/** Which operands are transposed (their last two axes) before they are multiplied; default neither. */
export interface MatmulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
}

type MatmulAttributes = { readonly transposeA: boolean; readonly transposeB: boolean };

/** Rows and columns of a matrix, transposed on request. */
const sides = (shape: Shape, transposed: boolean): [number, number] => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
};

function productShape(a: Value, b: Value, { transposeA, transposeB }: MatmulAttributes): Shape {
  const lead = a.shape.slice(0, -2);
  const [m, inner] = sides(a.shape, transposeA);
  const [k, n] = sides(b.shape, transposeB);
  const isMatrix = a.shape.length >= 2 && b.shape.length >= 2;
  const isShared = b.shape.length === 2;
  if (isMatrix && inner === k && (isShared || sameShape(lead, b.shape.slice(0, -2)))) return [...lead, m, n];
  const shown = (value: Value, transposed: boolean) => `${showShape(value.shape)}${transposed ? ' transposed' : ''}`;
  throw complaint('SHAPE', {
    where: 'matmul',
    what: 'the operands',
    expected: '[..., M, K] and [K, N] or [..., K, N]',
    actual: `${shown(a, transposeA)} and ${shown(b, transposeB)}`,
  });
}

/** y[..., i, j] = sum over k of a[..., i, k] * b[..., k, j]; both operands have the same leading axes. */
const matmulOp = defineOp<MatmulAttributes>({
  name: 'matmul',
  kind: 'kernel',
  infer: (inputs, attributes) => {
    const [a, b] = inputs as [Value, Value];
    return { dtype: 'float32', shape: productShape(a, b, attributes) };
  },
  // dA = dY B^T and dB = A^T dY, each transposed where its operand is.
  gradient: ({ inputs, attributes: { transposeA, transposeB } }, [g]) => {
    const [a, b] = inputs as [Value, Value];
    if (!g) return [null, null];
    return [
      transposeA ? product(b, g, transposeB, true) : product(g, b, false, !transposeB),
      transposeB ? product(g, a, true, transposeA) : product(a, g, !transposeA, false),
    ];
  },
  encode: ({ transposeA, transposeB }) => [Number(transposeA), Number(transposeB)],
});

/** op(a) op(b) of operands with the same leading axes. */
const product = (a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value =>
  matmulOp([a, b], { transposeA, transposeB }).outputs[0] as Value;

/** Every matrix transposed: the last two axes change places. */
function transposeLast(x: Value): Value {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/**
 * The product of matrices. A `b` of rank 2 is shared by all matrices of `a`, whose rows then make one product.
 *
 * @param a [..., M, K], or [..., K, M] with `transposeA`
 * @param b [K, N] or [..., K, N] with the leading axes of `a`; N before K with `transposeB`
 * @returns [..., M, N]
 * @throws ConvoltError `SHAPE` when the operands do not fit together; `DTYPE` unless both are float32
 * @example matmul(x, weight) // [N, in] x [in, out] = [N, out]
 */
export function matmul(a: Value, b: Value, options: MatmulOptions = {}): Value {
  expectOptions('matmul', options, ['transposeA', 'transposeB']);
  expectDType('matmul', 'operand 1', a, 'float32');
  expectDType('matmul', 'operand 2', b, 'float32');
  const { transposeA = false, transposeB = false } = options;
  const shape = productShape(a, b, { transposeA, transposeB });
  if (a.shape.length === b.shape.length) return product(a, b, transposeA, transposeB);
  const rows = transposeA ? transposeLast(a) : a;
  const flat = reshape(rows, [sizeOf(rows.shape.slice(0, -1)), rows.shape.at(-1) as number]);
  return reshape(product(flat, b, false, transposeB), shape);
}

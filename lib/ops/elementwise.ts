/**
 * The closed list of elementwise primitives: name, number of operands, types, gradient. Everything else that works
 * element by element is a plain function over these, and the compiler fuses them into single passes over memory.
 * The row order is the opcode: it equals `native/elementwise/ops.inc`.
 */
import { broadcastShapes } from '../graph/broadcast';
import { type ApplyOp, defineOp, expectDType } from '../graph/define-op';
import { complaint } from '../graph/errors';
import { type DType, type Shape, sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { asValue, type Operand } from './source';

/** Element types in and out: numbers to numbers, numbers to bool, bool to bool, floats only. */
type Typing = 'number' | 'float' | 'compare' | 'logic' | 'test' | 'where';

/** Gradient of one operand each, from the upstream gradient `g`, the operands and the result `y`. */
type Rule = (g: Value, operands: readonly Value[], y: Value) => readonly (Value | null)[];

const inputTypes: Record<Typing, readonly DType[]> = {
  number: ['float32', 'int32'],
  float: ['float32'],
  compare: ['float32', 'int32', 'uint8', 'bool'],
  logic: ['bool'],
  test: ['float32'],
  where: ['float32', 'int32'],
};

function resultType(name: string, typing: Typing, inputs: readonly Value[]): DType {
  const numbers = typing === 'where' ? inputs.slice(1) : inputs;
  if (typing === 'where') expectDType(name, 'the condition', inputs[0] as Value, 'bool');
  const first = numbers[0] as Value;
  numbers.forEach((input, i) => {
    expectDType(name, `operand ${i + 1}`, input, ...inputTypes[typing]);
    if (input.dtype === first.dtype) return;
    throw complaint('DTYPE', {
      where: name,
      what: 'the operands',
      expected: 'of one element type (use cast)',
      actual: numbers.map(showType).join(' and '),
    });
  });
  return typing === 'compare' || typing === 'logic' || typing === 'test' ? 'bool' : first.dtype;
}

/** Names in opcode order. */
export const opcodes: string[] = [];

function primitive(name: string, typing: Typing, rule?: Rule): ApplyOp<Record<string, never>> {
  opcodes.push(name);
  return defineOp<Record<string, never>>({
    name,
    kind: 'elementwise',
    infer: (inputs) => ({
      dtype: resultType(name, typing, inputs),
      shape: broadcastShapes(
        name,
        inputs.map((input) => input.shape),
      ),
    }),
    ...(rule && {
      gradient: ({ inputs, outputs }, [g]) => (g ? rule(g, inputs, outputs[0] as Value) : inputs.map(() => null)),
    }),
  });
}

type Unary = (x: Value) => Value;
type Binary = (a: Operand, b: Operand) => Value;

function unary(name: string, typing: Typing, rule?: Rule): Unary {
  const apply = primitive(name, typing, rule);
  return (x) => apply([x], {}).outputs[0] as Value;
}

function binary(name: string, typing: Typing, rule?: Rule): Binary {
  const apply = primitive(name, typing, rule);
  return (a, b) => {
    const dtype = typeof a === 'number' ? (typeof b === 'number' ? 'float32' : b.dtype) : a.dtype;
    return apply([asValue(a, dtype), asValue(b, dtype)], {}).outputs[0] as Value;
  };
}

// ---- the list, in opcode order ------------------------------------------------------------------------------------

/** x + y. */
export const add = binary('add', 'number', (g) => [g, g]);
/** x - y. */
export const sub = binary('sub', 'number', (g) => [g, neg(g)]);
/** x * y. */
export const mul = binary('mul', 'number', (g, [a, b]) => [mul(g, b as Value), mul(g, a as Value)]);
/** x / y. */
export const div = binary('div', 'float', (g, [, b], y) => [div(g, b as Value), neg(div(mul(g, y), b as Value))]);
/** x ^ y; the gradient with respect to y is that of real powers, 0 where x <= 0. */
export const pow = binary('pow', 'float', (g, [a, b], y) => [
  mul(g, mul(b as Value, pow(a as Value, sub(b as Value, 1)))),
  mul(g, where(greater(a as Value, 0), mul(y, log(a as Value)), 0)),
]);
/** The larger; NaN wins. The gradient goes to x where x > y and to y elsewhere. */
export const maximum = binary('maximum', 'number', (g, [, b], y) => {
  const first = greater(y, b as Value); // y > b just where x > b; so x itself need not be kept
  return [where(first, g, 0), where(first, 0, g)];
});
/** The smaller; NaN wins. The gradient goes to x where x < y and to y elsewhere. */
export const minimum = binary('minimum', 'number', (g, [, b], y) => {
  const first = less(y, b as Value);
  return [where(first, g, 0), where(first, 0, g)];
});
/** x - y * floor(x / y): the remainder with the sign of y. */
export const mod = binary('mod', 'number', (g, [a, b]) => [g, neg(mul(g, floor(div(a as Value, b as Value))))]);
/** x = y, as bool. */
export const equal = binary('equal', 'compare');
/** x < y, as bool. */
export const less = binary('less', 'compare');
/** x <= y, as bool. */
export const lessEqual = binary('lessEqual', 'compare');
/** Both, of bools. */
export const logicalAnd = binary('logicalAnd', 'logic');
/** Either, of bools. */
export const logicalOr = binary('logicalOr', 'logic');
/** Not, of a bool. */
export const logicalNot = unary('logicalNot', 'logic');
/** Neither NaN nor infinite, as bool. */
export const isFinite = unary('isFinite', 'test');
/** -x. */
export const neg = unary('neg', 'number', (g) => [neg(g)]);
/** |x|; the gradient at 0 is 0. */
export const abs = unary('abs', 'number', (g, [x]) => [mul(g, sign(x as Value))]);
/** -1, 0 or 1; no gradient (see `straightThrough`). */
export const sign = unary('sign', 'number');
/** The largest whole number not above x; no gradient. */
export const floor = unary('floor', 'float');
/** The nearest whole number, halves to the even one; no gradient. */
export const round = unary('round', 'float');
/** The square root. */
export const sqrt = unary('sqrt', 'float', (g, _, y) => [div(mul(g, 0.5), y)]);
/** 1 / x. */
export const reciprocal = unary('reciprocal', 'float', (g, _, y) => [neg(mul(g, mul(y, y)))]);
/** e ^ x. */
export const exp = unary('exp', 'float', (g, _, y) => [mul(g, y)]);
/** e ^ x - 1, accurate near 0. */
export const expm1 = unary('expm1', 'float', (g, _, y) => [mul(g, add(y, 1))]);
/** The natural logarithm. */
export const log = unary('log', 'float', (g, [x]) => [div(g, x as Value)]);
/** log(1 + x), accurate near 0. */
export const log1p = unary('log1p', 'float', (g, [x]) => [div(g, add(x as Value, 1))]);
/** The hyperbolic tangent. */
export const tanh = unary('tanh', 'float', (g, _, y) => [mul(g, sub(1, mul(y, y)))]);
/** 1 / (1 + e^-x). */
export const sigmoid = unary('sigmoid', 'float', (g, _, y) => [mul(g, mul(y, sub(1, y)))]);
/** The error function. */
export const erf = unary('erf', 'float', (g, [x]) => [
  mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x as Value, x as Value))))),
]);
/** The sine, of radians. */
export const sin = unary('sin', 'float', (g, [x]) => [mul(g, cos(x as Value))]);
/** The cosine, of radians. */
export const cos = unary('cos', 'float', (g, [x]) => [neg(mul(g, sin(x as Value)))]);

const whereOp = primitive('where', 'where', (g, [condition]) => [
  null,
  where(condition as Value, g, 0),
  where(condition as Value, 0, g),
]);

/** `a` where the bool `condition` holds, `b` elsewhere. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const dtype = typeof a === 'number' ? (typeof b === 'number' ? 'float32' : b.dtype) : a.dtype;
  return whereOp([condition, asValue(a, dtype), asValue(b, dtype)], {}).outputs[0] as Value;
}

opcodes.push('copy');
const castOp = defineOp<{ dtype: DType }>({
  name: 'cast',
  kind: 'elementwise',
  opcode: 'copy',
  infer: ([x], { dtype }) => ({ dtype, shape: (x as Value).shape }),
  gradient: ({ inputs: [x] }, [g]) => [g && (x as Value).dtype === 'float32' ? g : null],
});

/** The same numbers as another element type; floats are rounded toward zero when they become integers. */
export const cast = (x: Value, dtype: DType): Value =>
  x.dtype === dtype ? x : (castOp([x], { dtype }).outputs[0] as Value);

const broadcastOp = defineOp<{ shape: Shape }>({
  name: 'broadcastTo',
  kind: 'elementwise',
  opcode: 'copy',
  infer: ([x], { shape }) => ({
    dtype: (x as Value).dtype,
    shape: broadcastShapes('broadcastTo', [(x as Value).shape, shape]),
  }),
  gradient: (_, [g]) => [g ?? null],
});

/** `x` stretched to `shape` by the broadcasting rule. */
export const broadcastTo = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : (broadcastOp([x], { shape }).outputs[0] as Value);

// ---- spelled with the list ----------------------------------------------------------------------------------------

/** x > y, as bool. */
export const greater: Binary = (a, b) => less(b, a);
/** x >= y, as bool. */
export const greaterEqual: Binary = (a, b) => lessEqual(b, a);
/** x != y, as bool. */
export const notEqual: Binary = (a, b) => logicalNot(equal(a, b));
/** x * x. */
export const square: Unary = (x) => mul(x, x);
/** x limited to [low, high]; the gradient is 0 outside. */
export const clip = (x: Value, low: Operand, high: Operand): Value => minimum(maximum(x, low), high);

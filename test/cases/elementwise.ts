/** Elementwise primitives: tails of the interpreter's blocks, broadcasting, element types, NaN and infinity. */
import type { DType, Shape } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import * as ops from '../../lib/ops/elementwise';
import { type Fill, type OpCase, special } from './case';

/** Around the length of a block and of a vector register. */
const tailSizes = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 511, 512, 513, 1023, 1024, 1025, 2049];

interface Unary {
  readonly apply: (x: Value) => Value;
  readonly values?: Fill;
  readonly special?: Fill;
  readonly isSmooth?: boolean;
}

const moderate = [...special.filter((x) => !(Math.abs(x) > 1000)), 100.5, -1000];

const unaries: Readonly<Record<string, Unary>> = {
  neg: { apply: ops.neg },
  abs: { apply: ops.abs, values: 'distinct' },
  sign: { apply: ops.sign, values: 'distinct', isSmooth: false },
  floor: { apply: ops.floor, isSmooth: false },
  round: { apply: ops.round, isSmooth: false },
  sqrt: { apply: ops.sqrt, values: 'positive' },
  reciprocal: { apply: ops.reciprocal, values: 'positive' },
  exp: { apply: ops.exp },
  expm1: { apply: ops.expm1 },
  log: { apply: ops.log, values: 'positive' },
  log1p: { apply: ops.log1p, values: 'positive' },
  tanh: { apply: ops.tanh },
  sigmoid: { apply: ops.sigmoid },
  erf: { apply: ops.erf },
  sin: { apply: ops.sin, special: moderate },
  cos: { apply: ops.cos, special: moderate },
};

const unaryCases = Object.entries(unaries).flatMap(([op, { apply, values = 'normal', special: odd, isSmooth }]): OpCase[] => [
  ...tailSizes.map((n) => ({
    name: `${op} of ${n}`, op, inputs: [{ shape: [n], values }], build: apply,
    differentiable: (n === 7 || n === 33) && isSmooth !== false,
  })),
  { name: `${op} of special numbers`, op, inputs: [{ shape: [5, 17], values: odd ?? 'special' }], build: apply },
]);

const shapes: readonly (readonly [string, Shape, Shape])[] = [
  ['equal shapes', [3, 5], [3, 5]],
  ['scalar right', [3, 5], []],
  ['scalar left', [], [3, 5]],
  ['two scalars', [], []],
  ['row', [4, 5], [5]],
  ['row left', [1, 5], [4, 5]],
  ['column', [4, 5], [4, 1]],
  ['outer', [3, 1], [1, 4]],
  ['middle', [2, 3, 4], [2, 1, 4]],
  ['ends', [2, 3, 4], [1, 3, 1]],
  ['channels', [2, 3, 3, 4], [4]],
  ['per image', [2, 3, 3, 4], [2, 1, 1, 1]],
  ['crossed', [2, 1, 3, 1], [1, 4, 1, 5]],
  ['long row', [2, 1025], [1025]],
  ['long column', [1025, 2], [1025, 1]],
  ['narrow rows', [700, 3], [3]],
  ['empty', [0, 3], [3]],
  ['empty stretched', [2, 0], [2, 1]],
];

interface Binary {
  readonly apply: (a: Value, b: Value) => Value;
  readonly left?: Fill;
  readonly right?: Fill;
  readonly isSmooth?: boolean;
}

const floatBinaries: Readonly<Record<string, Binary>> = {
  add: { apply: ops.add },
  sub: { apply: ops.sub },
  mul: { apply: ops.mul },
  div: { apply: ops.div, right: 'positive' },
  pow: { apply: ops.pow, left: 'positive' },
  maximum: { apply: ops.maximum, left: [0.5, -1, 2, 0.25], right: [0.125, 1, -1.1, 0.75, -2] },
  minimum: { apply: ops.minimum, left: [0.5, -1, 2, 0.25], right: [0.125, 1, -1.1, 0.75, -2] },
  mod: { apply: ops.mod, left: [3.4, -4.1, 0.4, 7.9, -0.2], right: [1.1, 2.3, -1.9] },
  equal: { apply: ops.equal, left: { below: 3 }, right: { below: 3 }, isSmooth: false },
  less: { apply: ops.less, left: { below: 3 }, right: { below: 3 }, isSmooth: false },
  lessEqual: { apply: ops.lessEqual, left: { below: 3 }, right: { below: 3 }, isSmooth: false },
};

const binaryCases = Object.entries(floatBinaries).flatMap(([op, { apply, left, right, isSmooth }]): OpCase[] => [
  ...shapes.map(([pattern, a, b]) => ({
    name: `${op}: ${pattern}`, op, build: apply,
    inputs: [{ shape: a, values: left ?? 'normal' }, { shape: b, values: right ?? 'normal' }] as const,
    differentiable: isSmooth !== false && !pattern.startsWith('long') && !pattern.startsWith('narrow'),
  })),
  ...tailSizes.map((n) => ({
    name: `${op} of ${n}`, op, build: apply,
    inputs: [{ shape: [n], values: left ?? 'normal' }, { shape: [n], values: right ?? 'normal' }] as const,
  })),
]);

/** Every pair of special numbers; powers have odd corners of their own in each language. */
const specialPairs = Object.entries(floatBinaries).filter(([op]) => op !== 'pow' && op !== 'mod').map(
  ([op, { apply }]): OpCase => ({
    name: `${op} of special numbers`, op, build: apply,
    inputs: [{ shape: [special.length, 1], values: 'special' }, { shape: [special.length], values: 'special' }],
  }),
);

const integers = { shape: [3, 5], dtype: 'int32', values: [-7, 4, 0, 9, -2, 100000] } as const;
const divisors = { shape: [5], dtype: 'int32', values: [3, -2, 5, 1, 7] } as const;

const typedCases: OpCase[] = [
  ...(['add', 'sub', 'mul', 'maximum', 'minimum', 'mod', 'equal', 'less', 'lessEqual'] as const).map(
    (op): OpCase => ({ name: `${op} of integers`, op, inputs: [integers, divisors], build: ops[op] }),
  ),
  ...(['neg', 'abs', 'sign'] as const).map(
    (op): OpCase => ({ name: `${op} of integers`, op, inputs: [integers], build: ops[op] }),
  ),
  ...(['uint8', 'bool'] as const).map(
    (dtype): OpCase => ({
      name: `equal of ${dtype}`, op: 'equal', build: ops.equal,
      inputs: [{ shape: [4, 33], dtype }, { shape: [33], dtype }],
    }),
  ),
  ...(['logicalAnd', 'logicalOr'] as const).flatMap((op): OpCase[] => [
    { name: `${op} of 1025`, op, inputs: [{ shape: [1025], dtype: 'bool' }, { shape: [1025], dtype: 'bool' }], build: ops[op] },
    { name: `${op}: outer`, op, inputs: [{ shape: [3, 1], dtype: 'bool' }, { shape: [4], dtype: 'bool' }], build: ops[op] },
  ]),
  { name: 'logicalNot of 17', op: 'logicalNot', inputs: [{ shape: [17], dtype: 'bool' }], build: ops.logicalNot },
  { name: 'logicalNot: matrix', op: 'logicalNot', inputs: [{ shape: [33, 31], dtype: 'bool' }], build: ops.logicalNot },
  { name: 'isFinite of special numbers', op: 'isFinite', inputs: [{ shape: [5, 17], values: 'special' }], build: ops.isFinite },
  { name: 'isFinite of 1025', op: 'isFinite', inputs: [{ shape: [1025] }], build: ops.isFinite },
];

const whereCases: OpCase[] = [
  ...([['equal shapes', [3, 5], [3, 5], [3, 5]], ['scalars', [3, 5], [], []], ['rows', [4, 1], [5], [4, 5]], ['empty', [0], [], [0]]] as const).map(
    ([pattern, c, a, b]): OpCase => ({
      name: `where: ${pattern}`, op: 'where', build: ops.where, differentiable: true,
      inputs: [{ shape: c, dtype: 'bool' }, { shape: a }, { shape: b }],
    }),
  ),
  {
    name: 'where keeps NaN of the other branch out', op: 'where', build: (c, a) => ops.where(c, a, 2),
    inputs: [{ shape: [4], dtype: 'bool', values: [0, 1] }, { shape: [4], values: [Number.NaN, 1] }],
  },
  {
    name: 'where of integers', op: 'where', build: ops.where,
    inputs: [{ shape: [3, 5], dtype: 'bool' }, integers, divisors],
  },
];

const dtypes: readonly DType[] = ['float32', 'int32', 'uint8', 'bool'];
const castCases: OpCase[] = [
  ...dtypes.flatMap((from) =>
    dtypes.filter((to) => to !== from).map(
      (to): OpCase => ({
        name: `cast ${from} to ${to}`, op: 'cast', build: (x) => ops.cast(x, to),
        inputs: [{ shape: [3, 37], dtype: from, values: to === 'bool' || from === 'bool' ? { below: 2 } : { below: 200 } }],
      }),
    ),
  ),
  {
    name: 'cast cuts toward zero', op: 'cast', build: (x) => ops.cast(x, 'int32'),
    inputs: [{ shape: [6], values: [2.9, -2.9, 0.5, -0.5, 1e6, -1e6] }],
  },
  {
    name: 'cast to int and back cuts, in one expression too', op: 'cast', inputs: [{ shape: [5], values: [2.9, -2.9, 0.4] }],
    build: (x) => ops.mul(ops.cast(ops.cast(x, 'int32'), 'float32'), 3),
  },
  {
    name: 'cast to int beside its own operand', op: 'cast', inputs: [{ shape: [5], values: [2.9, -2.9, 0.4] }],
    build: (x) => ops.sub(ops.exp(x), ops.cast(ops.cast(ops.exp(x), 'int32'), 'float32')),
  },
];

const broadcastCases: OpCase[] = ([[[], [3, 4]], [[4], [3, 4]], [[3, 1], [3, 4]], [[2, 1, 3], [2, 5, 3]], [[1], [1025]], [[1, 3], [0, 3]]] as const).map(
  ([from, to]): OpCase => ({
    name: `broadcastTo [${from}] to [${to}]`, op: 'broadcastTo', differentiable: true, inputs: [{ shape: from }],
    build: (x) => ops.broadcastTo(x, to),
  }),
);

const spelledCases: OpCase[] = [
  { name: 'greater', op: 'less', inputs: [{ shape: [9], values: { below: 3 } }, { shape: [9], values: { below: 3 } }], build: ops.greater },
  { name: 'greaterEqual', op: 'lessEqual', inputs: [{ shape: [9], values: { below: 3 } }, { shape: [9], values: { below: 3 } }], build: ops.greaterEqual },
  { name: 'notEqual', op: 'equal', inputs: [{ shape: [9], values: { below: 3 } }, { shape: [9], values: { below: 3 } }], build: ops.notEqual },
  { name: 'square', op: 'mul', inputs: [{ shape: [9] }], build: ops.square, differentiable: true },
  { name: 'clip', op: 'minimum', inputs: [{ shape: [9], values: 'distinct' }], build: (x) => ops.clip(x, -0.9, 1.1), differentiable: true },
  {
    name: 'pow with a whole exponent of negative numbers', op: 'pow', differentiable: false,
    inputs: [{ shape: [6], values: [-2, -0.5, 0, 3] }], build: (x) => [ops.pow(x, 2), ops.pow(x, 3), ops.pow(x, 0)],
  },
];

/** A cast of floats to floats drops out, so the gradient of `cast` is seen at a bool that enters a product. */
const castGradient: OpCase = {
  name: 'cast beside a gradient', op: 'cast', differentiable: true,
  inputs: [{ shape: [7], values: 'distinct' }, { shape: [7] }],
  build: (x, y) => ops.mul(ops.cast(ops.less(x, 0), 'float32'), ops.mul(x, y)),
};

export const elementwiseCases: OpCase[] = [
  ...unaryCases, ...binaryCases, ...specialPairs, ...typedCases, ...whereCases, ...castCases, ...broadcastCases,
  ...spelledCases, castGradient,
];

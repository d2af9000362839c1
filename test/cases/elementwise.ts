/** Elementwise primitives of floats: tails of the interpreter's blocks, broadcasting, NaN and infinity. */
import type { Shape } from '../../lib/graph/tensor';
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

const unaryCases = Object.entries(unaries).flatMap(
  ([op, { apply, values = 'normal', special: odd, isSmooth }]): OpCase[] => [
    ...tailSizes.map((n) => ({
      name: `${op} of ${n}`,
      op,
      inputs: [{ shape: [n], values }],
      build: apply,
      differentiable: (n === 7 || n === 33) && isSmooth !== false,
    })),
    { name: `${op} of special numbers`, op, inputs: [{ shape: [5, 17], values: odd ?? 'special' }], build: apply },
  ],
);

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
    name: `${op}: ${pattern}`,
    op,
    build: apply,
    inputs: [
      { shape: a, values: left ?? 'normal' },
      { shape: b, values: right ?? 'normal' },
    ] as const,
    differentiable: isSmooth !== false && !pattern.startsWith('long') && !pattern.startsWith('narrow'),
  })),
  ...tailSizes.map((n) => ({
    name: `${op} of ${n}`,
    op,
    build: apply,
    inputs: [
      { shape: [n], values: left ?? 'normal' },
      { shape: [n], values: right ?? 'normal' },
    ] as const,
  })),
]);

/** Every pair of special numbers; powers have odd corners of their own in each language. */
const specialPairs = Object.entries(floatBinaries)
  .filter(([op]) => op !== 'pow' && op !== 'mod')
  .map(
    ([op, { apply }]): OpCase => ({
      name: `${op} of special numbers`,
      op,
      build: apply,
      inputs: [
        { shape: [special.length, 1], values: 'special' },
        { shape: [special.length], values: 'special' },
      ],
    }),
  );

const broadcastCases: OpCase[] = (
  [
    [[], [3, 4]],
    [[4], [3, 4]],
    [
      [3, 1],
      [3, 4],
    ],
    [
      [2, 1, 3],
      [2, 5, 3],
    ],
    [[1], [1025]],
    [
      [1, 3],
      [0, 3],
    ],
  ] as const
).map(
  ([from, to]): OpCase => ({
    name: `broadcastTo [${from}] to [${to}]`,
    op: 'broadcastTo',
    differentiable: true,
    inputs: [{ shape: from }],
    build: (x) => ops.broadcastTo(x, to),
  }),
);

const spelledCases: OpCase[] = [
  {
    name: 'greater',
    op: 'less',
    inputs: [
      { shape: [9], values: { below: 3 } },
      { shape: [9], values: { below: 3 } },
    ],
    build: ops.greater,
  },
  {
    name: 'greaterEqual',
    op: 'lessEqual',
    inputs: [
      { shape: [9], values: { below: 3 } },
      { shape: [9], values: { below: 3 } },
    ],
    build: ops.greaterEqual,
  },
  {
    name: 'notEqual',
    op: 'equal',
    inputs: [
      { shape: [9], values: { below: 3 } },
      { shape: [9], values: { below: 3 } },
    ],
    build: ops.notEqual,
  },
  { name: 'square', op: 'mul', inputs: [{ shape: [9] }], build: ops.square, differentiable: true },
  {
    name: 'clip',
    op: 'minimum',
    inputs: [{ shape: [9], values: 'distinct' }],
    build: (x) => ops.clip(x, -0.9, 1.1),
    differentiable: true,
  },
  {
    name: 'pow with a whole exponent of negative numbers',
    op: 'pow',
    differentiable: false,
    inputs: [{ shape: [6], values: [-2, -0.5, 0, 3] }],
    build: (x) => [ops.pow(x, 2), ops.pow(x, 3), ops.pow(x, 0)],
  },
];

export const elementwiseCases: OpCase[] = [
  ...unaryCases,
  ...binaryCases,
  ...specialPairs,
  ...broadcastCases,
  ...spelledCases,
];

/** Quantized ops: bytes and weights of all signs, every geometry, sums that round to ties. */
import type { Shape } from '../../lib/graph/tensor';
import {
  dequantizeLinear,
  mapBytes,
  maxPool,
  type QuantizedConv2dOptions,
  type QuantizedOutput,
  quantizedAdd,
  quantizedAveragePool,
  quantizedConv2d,
  quantizedGlobalAveragePool,
  quantizedLstm,
  quantizedMatmul,
  quantizeLinear,
  requantize,
} from '../../lib/ops';
import type { InputSpec, OpCase } from './case';

const exact = { absolute: 0, relative: 0 };
const bytes = (shape: Shape): InputSpec => ({ shape, dtype: 'uint8', values: { below: 256 } });
/** Whole numbers of 0 to 255 wrap to all of int8. */
const weights = (shape: Shape): InputSpec => ({ shape, dtype: 'int8', values: { below: 256 } });
const bias = (filters: number): InputSpec => ({ shape: [filters], dtype: 'int32', values: [5, -300, 2000, 0] });
const scale = (filters: number): InputSpec => ({ shape: [filters], values: [0.01, 0.003, 0.5, 0.002, 0.00125] });

type Geometry = Omit<QuantizedConv2dOptions, 'addend' | 'output'>;

const outputs: readonly QuantizedOutput[] = [{ zero: 3, low: 3 }, { zero: 120, high: 200 }, {}, { low: -2, high: 6.3 }];

const geometries: readonly (readonly [Shape, Shape, Geometry])[] = [
  [[1, 4, 4, 4], [1, 1, 4, 16], {}],
  [[2, 5, 6, 3], [3, 3, 3, 5], { padding: 'same', inputZero: 7 }],
  [[1, 7, 7, 8], [3, 3, 8, 33], { padding: 1, stride: 2, inputZero: 128 }],
  [[1, 9, 8, 1], [5, 5, 1, 6], { inputZero: 255 }],
  [[1, 9, 9, 6], [3, 2, 3, 4], { groups: 2, dilation: [2, 1], padding: [1, 2, 0, 3], inputZero: 9 }],
  [[1, 8, 8, 5], [3, 3, 5, 7], { dilation: 2, padding: 'same', inputZero: 1 }],
  [[2, 6, 6, 20], [1, 1, 20, 70], { stride: 2, inputZero: 11 }],
  [[1, 6, 6, 24], [3, 3, 1, 24], { groups: 24, padding: 1, inputZero: 4 }],
  [[1, 7, 6, 5], [5, 5, 1, 5], { groups: 5, padding: 2, stride: 2, inputZero: 100 }],
  [[1, 5, 5, 3], [3, 3, 1, 6], { groups: 3, padding: 'same', inputZero: 2 }],
  [[0, 4, 4, 4], [1, 1, 4, 4], {}],
];

const show = (value: object): string => JSON.stringify(value).replaceAll('"', '');

const convCases = geometries.flatMap(([x, w, geometry]): OpCase[] =>
  outputs.map((output) => ({
    name: `quantizedConv2d [${x}] * [${w}] ${show(geometry)} to ${show(output)}`,
    op: 'quantizedConv2d',
    tolerance: exact,
    inputs: [bytes(x), weights(w), bias(w[3] as number), scale(w[3] as number)],
    build: (image, weight, ...vectors) =>
      quantizedConv2d(image, weight, ...(vectors as [never, never]), { ...geometry, output }),
  })),
);

const addendCases = outputs.map(
  (output): OpCase => ({
    name: `quantizedConv2d with an addend to ${show(output)}`,
    op: 'quantizedConv2d',
    tolerance: exact,
    inputs: [bytes([2, 3, 5, 8]), weights([1, 1, 8, 18]), bias(18), scale(18), bytes([2, 3, 5, 18])],
    build: (x, w, b, s, value) =>
      quantizedConv2d(x, w as never, b as never, s as never, {
        inputZero: 3,
        addend: { value: value as never, scale: 0.37, zero: 50 },
        output,
      }),
  }),
);

const matmulCases = (
  [
    [1, 7, 3],
    [5, 300, 20],
    [40, 16, 64],
  ] as const
).flatMap(([m, k, n]): OpCase[] =>
  ([{}, { zero: 10 }] as QuantizedOutput[]).map((output) => ({
    name: `quantizedMatmul [${m}, ${k}] * [${k}, ${n}] to ${show(output)}`,
    op: 'quantizedConv2d',
    tolerance: exact,
    inputs: [bytes([m, k]), weights([k, n]), bias(n), scale(n)],
    build: (x, w, b, s) => quantizedMatmul(x, w as never, b as never, s as never, { inputZero: 30, output }),
  })),
);

const poolWindows = [
  { window: 2 },
  { window: 3, stride: 2, padding: 1 },
  { window: 3, stride: 2, ceil: true },
  { window: [3, 2], stride: [1, 2], padding: [1, 0] },
] as const;

const poolCases = poolWindows.flatMap((options): OpCase[] => [
  {
    name: `maxPool of bytes ${show(options)}`,
    op: 'maxPool',
    inputs: [bytes([2, 6, 7, 19])],
    build: (x) => maxPool(x, options),
  },
  ...[true, false].map(
    (countIncludePad): OpCase => ({
      name: `quantizedAveragePool ${show({ ...options, countIncludePad })}`,
      op: 'quantizedAveragePool',
      inputs: [bytes([2, 6, 7, 19])],
      build: (x) =>
        quantizedAveragePool(x, {
          ...options,
          countIncludePad,
          inputZero: 20,
          scale: 1.7,
          output: { zero: 40, low: 40 },
        }),
    }),
  ),
]);

const lstmCases = (
  [
    [1, 1, 1],
    [2, 7, 5],
    [3, 4, 33],
    [9, 3, 64],
  ] as const
).flatMap(([n, steps, hidden]): OpCase[] =>
  [false, true].map((reverse) => ({
    name: `quantizedLstm of ${n} sequences, ${steps} steps, ${hidden} units${reverse ? ', reverse with lengths' : ''}`,
    op: 'quantizedLstm',
    inputs: [
      { shape: [n, steps, 4 * hidden] },
      { shape: [n, hidden], values: [0.5, -0.9, 0.1, 1] },
      { shape: [n, hidden] },
      weights([hidden, 4 * hidden]),
      { shape: [4 * hidden], values: [0.00001, 0.00003, 0.00002] },
      ...(reverse ? [{ shape: [n], dtype: 'int32' as const, values: { below: steps + 1 } }] : []),
    ],
    build: (gates, h0, c0, w, s, lengths) => {
      const operands = [gates, h0, c0, w, s] as unknown as [
        typeof gates,
        typeof gates,
        typeof gates,
        typeof gates,
        typeof gates,
      ];
      const { output, hidden: last, cell } = quantizedLstm(...operands, { reverse, ...(lengths && { lengths }) });
      return [output, last, cell];
    },
  })),
);

export const quantizedCases: OpCase[] = [
  ...lstmCases,
  {
    name: 'quantizeLinear',
    op: 'quantizeLinear',
    inputs: [{ shape: [3, 37] }],
    build: (x) => quantizeLinear(x, { scale: 0.02, zeroPoint: 100 }),
  },
  {
    name: 'quantizeLinear of ties',
    op: 'quantizeLinear',
    inputs: [{ shape: [21], values: Array.from({ length: 21 }, (_, i) => (i - 10) / 4) }],
    build: (x) => quantizeLinear(x, { scale: 0.5, zeroPoint: 2 }),
  },
  {
    name: 'quantizeLinear of NaN, infinities and huge numbers',
    op: 'quantizeLinear',
    inputs: [{ shape: [48], values: 'special' }],
    build: (x) => quantizeLinear(x, { scale: 0.1, zeroPoint: 128 }),
  },
  ...[0, 77].map(
    (zeroPoint): OpCase => ({
      name: `dequantizeLinear from ${zeroPoint}`,
      op: 'dequantizeLinear',
      tolerance: exact,
      inputs: [bytes([2, 300])],
      build: (q) => dequantizeLinear(q, { scale: 0.013, zeroPoint }),
    }),
  ),
  { name: 'mapBytes', op: 'mapBytes', inputs: [bytes([3, 50]), bytes([256])], build: mapBytes },
  {
    name: 'requantize',
    op: 'mapBytes',
    inputs: [bytes([1000])],
    build: (x) =>
      requantize(x, { from: { scale: 0.1, zeroPoint: 30 }, to: { scale: 0.07, zeroPoint: 90 }, low: 90, high: 250 }),
  },
  ...convCases,
  ...addendCases,
  ...matmulCases,
  ...poolCases,
  {
    name: 'quantizedGlobalAveragePool',
    op: 'quantizedAveragePool',
    inputs: [bytes([2, 7, 7, 40])],
    build: (x) => quantizedGlobalAveragePool(x, { inputZero: 5, scale: 0.9, output: { zero: 0 } }),
  },
  ...[{ zero: 100 }, { zero: 10, low: 10, high: 200 }].map(
    (output): OpCase => ({
      name: `quantizedAdd to ${show(output)}`,
      op: 'quantizedAdd',
      inputs: [bytes([3, 5, 41]), bytes([3, 5, 41])],
      build: (a, b) =>
        quantizedAdd({ value: a, scale: 0.5, zero: 100 }, { value: b as never, scale: 1.3, zero: 7 }, output),
    }),
  ),
];

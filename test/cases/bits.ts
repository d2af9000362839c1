/** Bits: packing, and convolutions and products of +1 and -1 with every output. */

import type { Value } from '../../lib/graph/value';
import { type BinaryConv2dOptions, binaryConv2d } from '../../lib/ops/binary-conv2d';
import { binaryMatmul } from '../../lib/ops/binary-matmul';
import type { BinaryOutput, BinaryResult } from '../../lib/ops/binary-output';
import { maxPoolBits } from '../../lib/ops/max-pool-bits';
import { bytesOfBits, packBits, unpackBits } from '../../lib/ops/pack-bits';
import type { PoolOptions } from '../../lib/ops/pool';
import type { InputSpec, OpCase } from './case';

const packed = ([...shape]: readonly number[]): InputSpec => {
  const channels = shape.pop() as number;
  return { shape: [...shape, bytesOfBits(channels)], dtype: 'uint8', values: { below: 256 } };
};

const packCases: OpCase[] = [[1], [5], [3, 8], [2, 3, 9], [4, 64], [3, 65], [2, 100], [0, 7]].flatMap(
  (shape): OpCase[] => [
    { name: `packBits [${shape}]`, op: 'packBits', inputs: [{ shape }], build: packBits },
    {
      name: `unpackBits [${shape}]`,
      op: 'unpackBits',
      inputs: [packed(shape)],
      build: (bits) => unpackBits(bits, shape.at(-1) as number),
    },
  ],
);

const specialCase: OpCase = {
  name: 'packBits of special numbers',
  op: 'packBits',
  inputs: [{ shape: [2, 24], values: 'special' }],
  build: packBits,
};

/** The operands of a form of output, and the output made of them. */
const outputOf = (result: BinaryResult, filters: number): [InputSpec[], (vectors: Value[]) => BinaryOutput] => {
  const vector = (spec: Omit<InputSpec, 'shape'>): InputSpec => ({ shape: [filters], ...spec });
  if (result === 'int32') return [[], () => 'int32'];
  if (result === 'float32') {
    return [[vector({}), vector({})], ([scale, offset]) => ({ scale, offset }) as BinaryOutput];
  }
  return [
    [vector({ dtype: 'int32', values: [-7, 0, 3, 1000, -1000, 1, -2] }), vector({ dtype: 'bool' })],
    ([threshold, flip]) => ({ threshold, flip }) as BinaryOutput,
  ];
};

const show = (options: object): string => JSON.stringify(options).replaceAll('"', '');

type Geometry = readonly [
  x: readonly [number, number, number, number],
  window: readonly [number, number],
  filters: number,
  options: Omit<BinaryConv2dOptions, 'channels' | 'output'>,
];

const geometries: readonly Geometry[] = [
  [[1, 3, 3, 1], [2, 2], 1, {}],
  [[2, 5, 6, 8], [1, 1], 9, { stride: 2 }],
  [[2, 5, 6, 13], [3, 3], 4, { padding: 'same' }],
  [[2, 6, 7, 64], [3, 3], 16, { padding: 1, paddingValue: 1 }],
  [[2, 6, 7, 65], [3, 3], 17, { padding: 1, stride: 2, paddingValue: -1 }],
  [[1, 7, 5, 20], [3, 2], 3, { padding: [1, 0, 2, 1], stride: [2, 1] }],
  [[1, 9, 8, 70], [3, 3], 10, { dilation: 2, padding: 3 }],
  [[1, 2, 2, 5], [5, 5], 3, { padding: 'full' }],
  [[3, 14, 14, 96], [3, 3], 40, { padding: 1 }],
  [[0, 4, 4, 8], [3, 3], 8, {}],
];

const convCases = geometries.flatMap(([x, window, filters, options]): OpCase[] =>
  (['int32', 'float32', 'bits'] as const).map((result) => {
    const [vectors, output] = outputOf(result, filters);
    const channels = x[3];
    return {
      name: `binaryConv2d [${x}] with [${window}] to ${filters} ${result} ${show(options)}`,
      op: 'binaryConv2d',
      inputs: [packed(x), packed([filters, ...window, channels]), ...vectors],
      build: (bits, weight, ...rest) =>
        binaryConv2d(bits as Value, weight as Value, { ...options, channels, output: output(rest) }),
    };
  }),
);

const products: readonly (readonly [lead: readonly number[], channels: number, filters: number])[] = [
  [[1], 1, 1],
  [[], 77, 5],
  [[7], 5, 3],
  [[2, 3], 64, 8],
  [[33], 130, 65],
  [[1], 1000, 100],
  [[0], 9, 4],
];

const matmulCases = products.flatMap(([lead, channels, filters]): OpCase[] =>
  (['int32', 'float32', 'bits'] as const).map((result) => {
    const [vectors, output] = outputOf(result, filters);
    return {
      name: `binaryMatmul [${[...lead, channels]}] to ${filters} ${result}`,
      op: 'binaryMatmul',
      inputs: [packed([...lead, channels]), packed([filters, channels]), ...vectors],
      build: (bits, weight, ...rest) =>
        binaryMatmul(bits as Value, weight as Value, { channels, output: output(rest) }),
    };
  }),
);

const pools: readonly (readonly [x: readonly [number, number, number, number], options: PoolOptions])[] = [
  [[2, 4, 6, 5], { window: 2 }],
  [[1, 7, 5, 64], { window: 3, stride: 2, padding: 1 }],
  [[2, 5, 5, 17], { window: [2, 3], stride: 1 }],
  [[1, 5, 5, 9], { window: 2, ceil: true }],
  [[0, 4, 4, 8], { window: 2 }],
];

const poolCases = pools.flatMap(([x, options]): OpCase[] => [
  {
    name: `maxPoolBits [${x}] ${show(options)}`,
    op: 'maxPoolBits',
    inputs: [packed(x)],
    build: (bits) => maxPoolBits(bits as Value, options),
  },
  {
    name: `maxPoolBits [${x}] ${show(options)}, the least of some`,
    op: 'maxPoolBits',
    inputs: [packed(x), packed([x[3]])],
    build: (bits, least) => maxPoolBits(bits as Value, { ...options, least }),
  },
]);

export const bitCases: OpCase[] = [...packCases, specialCase, ...convCases, ...matmulCases, ...poolCases];

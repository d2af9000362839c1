/** Random ops: the same integers as the host's generator, around its blocks of four. */
import {
  bernoulli,
  categorical,
  permutation,
  randomBits,
  randomNormal,
  randomUniform,
  sampleWithoutReplacement,
  splitKey,
} from '../../lib/ops/random';
import type { OpCase } from './case';

const keys = [
  [0, 0],
  [1, 2],
  [-1, 123456789],
] as const;
const sizes = [0, 1, 2, 3, 4, 5, 17, 1025, 4099];

const key = (values: readonly number[]) => [{ shape: [2], dtype: 'int32', values }] as const;

const draws = Object.entries({ randomUniform, randomNormal, randomBits }).flatMap(([op, draw]): OpCase[] => [
  ...sizes.map((n): OpCase => ({ name: `${op} of ${n}`, op, inputs: key(keys[1]), build: (k) => draw(k, [n]) })),
  ...keys.map(
    (words): OpCase => ({ name: `${op} of key ${words}`, op, inputs: key(words), build: (k) => draw(k, [3, 5]) }),
  ),
  { name: `${op} of a scalar`, op, inputs: key(keys[1]), build: (k) => draw(k, []) },
]);

const orders = [1, 2, 3, 4, 5, 100, 1797].map(
  (n): OpCase => ({
    name: `permutation of ${n}`,
    op: 'permutation',
    inputs: key(keys[2]),
    build: (k) => permutation(k, n),
  }),
);

export const randomCases: OpCase[] = [
  ...draws,
  ...orders,
  { name: 'permutation of key 0', op: 'permutation', inputs: key(keys[0]), build: (k) => permutation(k, 17) },
  {
    name: 'sampleWithoutReplacement',
    op: 'permutation',
    inputs: key(keys[1]),
    build: (k) => sampleWithoutReplacement(k, 20, 5),
  },
  ...[0, 1, 77, 2 ** 31, 2 ** 40 + 3].map(
    (stream): OpCase => ({
      name: `splitKey to stream ${stream}`,
      op: 'splitKey',
      inputs: key(keys[2]),
      build: (k) => splitKey(k, stream),
    }),
  ),
  {
    name: 'keys split twice',
    op: 'splitKey',
    inputs: key(keys[0]),
    build: (k) => randomBits(splitKey(splitKey(k, 1), 2), [9]),
  },
  { name: 'bernoulli', op: 'randomUniform', inputs: key(keys[1]), build: (k) => bernoulli(k, [1025], 0.3) },
  {
    name: 'bernoulli never and always',
    op: 'randomUniform',
    inputs: key(keys[1]),
    build: (k) => [bernoulli(k, [99], 0), bernoulli(k, [99], 1)],
  },
  {
    name: 'categorical',
    op: 'randomUniform',
    inputs: [...key(keys[1]), { shape: [50, 4], values: [1, 2, 3, 4] }],
    build: (k, logits) => categorical(k, logits),
  },
];

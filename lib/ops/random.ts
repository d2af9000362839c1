/**
 * Random numbers as pure functions of a key: int32[2], split for every use. The generator is Philox4x32-10 (Salmon
 * et al. 2011), so one seed gives the same numbers at any thread count and on the host (`graph/philox.ts`).
 */
import { type ApplyOp, defineOp, expectDType } from '../graph/define-op';
import { complaint, expect } from '../graph/errors';
import { type DType, type Shape, sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { argmax } from './argmax';
import { add, less, log, neg } from './elementwise';
import { expectSizes } from './shape';
import { slice } from './slice';
import type { Operand } from './source';

function expectKey(where: string, key: Value): void {
  expectDType(where, 'the key', key, 'int32');
  if (sameShape(key.shape, [2])) return;
  throw complaint('SHAPE', { where, what: 'the key', expected: 'int32[2]', actual: showType(key) });
}

/** A kernel op that fills `shape` from a key. */
function draw(name: string, dtype: DType): (key: Value, shape: Shape) => Value {
  const apply: ApplyOp<{ shape: Shape }> = defineOp<{ shape: Shape }>({
    name,
    kind: 'kernel',
    infer: ([key], { shape }) => {
      expectKey(name, key as Value);
      expectSizes(name, shape, 0);
      return { dtype, shape };
    },
    encode: () => [],
  });
  return (key, shape) => apply([key], { shape }).outputs[0] as Value;
}

/** Uniform float32 in [0, 1), multiples of 2^-24. */
export const randomUniform = draw('randomUniform', 'float32');
/** Normal float32 with mean 0 and variance 1 (Box and Muller 1958). */
export const randomNormal = draw('randomNormal', 'float32');
/** 32 random bits per element, as int32. */
export const randomBits = draw('randomBits', 'int32');

const splitKeyOp = defineOp<{ stream: number }>({
  name: 'splitKey',
  kind: 'kernel',
  infer: ([key]) => {
    expectKey('splitKey', key as Value);
    return { dtype: 'int32', shape: [2] };
  },
  encode: ({ stream }) => [stream],
});

/** A new key, independent of `key` and of those of other streams. */
export function splitKey(key: Value, stream: number): Value {
  expectWhole('splitKey', 'the stream', stream, 0);
  return splitKeyOp([key], { stream }).outputs[0] as Value;
}

const permutationOp = defineOp<{ n: number }>({
  name: 'permutation',
  kind: 'kernel',
  infer: ([key], { n }) => {
    expectKey('permutation', key as Value);
    return { dtype: 'int32', shape: [n] };
  },
  encode: () => [],
});

/** The numbers 0 ... n - 1 (int32) in random order (Fisher and Yates). */
export function permutation(key: Value, n: number): Value {
  expectWhole('permutation', 'n', n, 1);
  return permutationOp([key], { n }).outputs[0] as Value;
}

/** bool of `shape`, true with probability `p`: a number in [0, 1] or a value that broadcasts to `shape`. */
export function bernoulli(key: Value, shape: Shape, p: Operand): Value {
  expect(typeof p !== 'number' || (p >= 0 && p <= 1), 'VALUE', () => ({
    where: 'bernoulli',
    what: 'the probability',
    expected: 'between 0 and 1',
    actual: `${p as number}`,
  }));
  return less(randomUniform(key, shape), p);
}

/** One class (int32 [...]) per row of `logits` [..., K], drawn with probability softmax(logits) (Gumbel argmax). */
export function categorical(key: Value, logits: Value): Value {
  const gumbel = neg(log(neg(log(randomUniform(key, logits.shape)))));
  return argmax(add(logits, gumbel));
}

/** `k` different numbers (int32 [k]) out of 0 ... n - 1. */
export function sampleWithoutReplacement(key: Value, n: number, k: number): Value {
  expectWhole('sampleWithoutReplacement', 'k', k, 1);
  expect(k <= n, 'VALUE', () => ({
    where: 'sampleWithoutReplacement',
    what: 'k',
    expected: `at most n = ${n}`,
    actual: `${k}`,
  }));
  return slice(permutation(key, n), { begin: [0], size: [k] });
}

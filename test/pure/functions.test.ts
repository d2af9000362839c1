/** Composites without a chapter of their own, and a complaint for every misuse of a function. */
import {
  batchNormalize,
  dropout,
  gelu,
  mergeValues,
  relu,
  silu,
  softmax,
  softplus,
  straightThrough,
} from '../../lib/functions';
import { expectChoice, expectNumber } from '../../lib/functions/option-values';
import type { Value } from '../../lib/graph/value';
import { clip, sign } from '../../lib/ops/elementwise';
import { sum } from '../../lib/ops/reduce';
import { constant, feed } from '../../lib/ops/source';
import { numbers, slope } from '../catalogue/numbers';
import { expectHand } from '../closeness';
import { refusal } from '../io/refusal';
import { key } from './tracing';

const points = constant([-2, -0.5, 0, 0.5, 2]);
const of = (...shape: number[]): Value => feed('x', shape);

test('softplus has the slope of a sigmoid, also at 0', () => {
  expectHand(numbers(softplus(constant([-800, 0, 1, 800]))), [0, Math.LN2, Math.log1p(Math.E), 800]);
  expectHand(slope(sum(softplus(points)), points), [0.119203, 0.377541, 0.5, 0.622459, 0.880797]);
});

test('silu and gelu', () => {
  expectHand(numbers(silu(points)), [-0.238406, -0.18877, 0, 0.31123, 1.761594]);
  expectHand(numbers(gelu(points)), [-0.0455, -0.154269, 0, 0.345731, 1.9545]);
});

test('straightThrough: exact numbers forward, the gradient of the surrogate', () => {
  const y = straightThrough(sign(points), clip(points, -1, 1));
  expect(numbers(y)).toEqual([-1, -1, 0, 1, 1]);
  expect(slope(sum(y), points)).toEqual([0, 1, 1, 1, 0]);
});

test('merging: by name, or by a function', () => {
  const [a, b] = [constant([[1, 2]]), constant([[3, 4]])];
  expect(numbers(mergeValues([a, b], 'concat'))).toEqual([1, 2, 3, 4]);
  expect(numbers(mergeValues([a, b], 'add'))).toEqual([4, 6]);
  expect(numbers(mergeValues([a, b, b], 'multiply'))).toEqual([9, 32]);
  expect(mergeValues([a, b], ([first]) => relu(first as Value)).shape).toEqual([1, 2]);
});

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  [
    'softmax',
    () => softmax(points, { temperature: 0 }),
    refusal('VALUE', 'softmax: expected the temperature to be a finite number above 0 but got 0'),
  ],
  ['softmax', () => softmax(points, { t: 1 } as never), refusal('OPTION', "'t'")],
  [
    'dropout',
    () => dropout(points, key, { p: 1.5 }),
    refusal('VALUE', 'dropout: expected p to be a finite number at least 0 and at most 1 but got 1.5'),
  ],
  ['dropout', () => dropout(points, key, { p: Number.NaN }), refusal('VALUE', 'NaN')],
  ['dropout', () => dropout(points, key, { rate: 0.5 } as never), refusal('OPTION', "'rate'")],
  [
    'straightThrough',
    () => straightThrough(of(2), of(3)),
    refusal('SHAPE', 'straightThrough: expected the surrogate', 'float32[2]', 'float32[3]'),
  ],
  ['batchNormalize', () => batchNormalize(of(3)), refusal('SHAPE', '[N, ..., C]', 'float32[3]')],
  ['batchNormalize', () => batchNormalize(of(3, 2), { epsilon: -1 }), refusal('VALUE', 'epsilon')],
  [
    'batchNormalize',
    () => batchNormalize(of(3, 2), { guess: of(3) }),
    refusal('SHAPE', 'the guess', 'float32[2]', 'float32[3]'),
  ],
  ['batchNormalize', () => batchNormalize(of(3, 2), { eps: 1 } as never), refusal('OPTION', "'eps'")],
  [
    'merge',
    () => mergeValues([of(2), of(2)], 'mean' as never),
    refusal('OPTION', 'one of concat, add, multiply', "'mean'"),
  ],
  [
    'merge',
    () => mergeValues([of(2, 3), of(1, 3)], 'add'),
    refusal('SHAPE', 'add: expected the merged values', '[2, 3]', '[1, 3]'),
  ],
  ['merge', () => mergeValues([], 'multiply'), refusal('SHAPE', 'none')],
  [
    'expectNumber',
    () => expectNumber('here', 'it', Infinity),
    refusal('VALUE', 'here: expected it to be a finite number but got Infinity'),
  ],
  [
    'expectNumber',
    () => expectNumber('here', 'it', 1, { least: 0, below: 1 }),
    refusal('VALUE', 'at least 0 and below 1 but got 1'),
  ],
  [
    'expectChoice',
    () => expectChoice('here', 'it', 'c', ['a', 'b']),
    refusal('OPTION', "here: expected it to be one of a, b but got 'c'"),
  ],
];

test.each(bad)('%s refuses misuse %#', (_, build, expected) => expect(build).toThrow(expected));

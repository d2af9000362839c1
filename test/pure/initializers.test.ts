/** Fans, and a complaint for every misuse of an initializer. */
import { constant, heNormal, heUniform, normal, uniform, xavierNormal, xavierUniform } from '../../lib/initializers';
import { fanOf } from '../../lib/initializers/fans';
import { refusal } from '../io/refusal';
import { key } from './tracing';

test('fans of dense, convolution, grouped and depthwise weights', () => {
  const fans = (...shape: number[]) => (['in', 'out', 'average'] as const).map((mode) => fanOf('test', shape, mode));
  expect(fans(256, 128)).toEqual([256, 128, 192]);
  expect(fans(3, 3, 64, 10)).toEqual([576, 90, 333]);
  expect(fans(5, 5, 1, 32)).toEqual([25, 800, 412.5]);
});

test('every initializer keeps the shape', () => {
  for (const initializer of [
    constant(2),
    normal(),
    uniform(),
    xavierNormal(),
    xavierUniform(),
    heNormal(),
    heUniform(),
  ]) {
    const value = initializer([3, 4], key);
    expect([value.dtype, value.shape]).toEqual(['float32', [3, 4]]);
  }
});

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  [
    'constant',
    () => constant(Number.NaN),
    refusal('VALUE', 'constant: expected the number to be a finite number but got NaN'),
  ],
  [
    'normal',
    () => normal({ std: -1 }),
    refusal('VALUE', 'normal: expected std to be a finite number at least 0 but got -1'),
  ],
  ['normal', () => normal({ mean: Infinity }), refusal('VALUE', 'mean')],
  ['normal', () => normal({ sd: 1 } as never), refusal('OPTION', "'sd'")],
  [
    'uniform',
    () => uniform({ low: 2, high: 1 }),
    refusal('VALUE', 'uniform: expected low to be below high = 1 but got 2'),
  ],
  ['uniform', () => uniform({ high: Number.NaN }), refusal('VALUE', 'high')],
  ['uniform', () => uniform({ max: 1 } as never), refusal('OPTION', "'max'")],
  [
    'xavierNormal',
    () => xavierNormal({ fan: 'both' as never }),
    refusal('OPTION', "xavierNormal: expected fan to be one of in, out, average but got 'both'"),
  ],
  [
    'xavierUniform',
    () => xavierUniform({ gain: 0 }),
    refusal('VALUE', 'xavierUniform: expected gain to be a finite number above 0 but got 0'),
  ],
  ['xavierUniform', () => xavierUniform({ slope: 1 } as never), refusal('OPTION', "'slope'")],
  ['heNormal', () => heNormal({ slope: Number.NaN }), refusal('VALUE', 'heNormal: expected slope')],
  ['heUniform', () => heUniform({ mode: 'in' } as never), refusal('OPTION', "'mode'")],
  [
    'heNormal',
    () => heNormal()([10], key),
    refusal('SHAPE', 'heNormal: expected the shape of the weight to be [..., in, out] but got [10]'),
  ],
];

test.each(bad)('%s refuses misuse %#', (_, build, expected) => expect(build).toThrow(expected));

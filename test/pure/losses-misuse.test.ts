/** A complaint for every misuse of losses with parts, states and options. */

import { Scope } from '../../lib/graph/scope';
import type { DType } from '../../lib/graph/tensor';
import { classWeights } from '../../lib/layers';
import * as losses from '../../lib/losses';
import { feed } from '../../lib/ops/source';
import { annealedMargin } from '../../lib/schedules';
import { refusal } from '../io/refusal';
import { newTrace } from './tracing';

const of = (shape: readonly number[], dtype: DType = 'float32') => feed('x', shape, dtype);
const ints = (...shape: number[]) => of(shape, 'int32');
const scope = () => new Scope(newTrace());
const both = { features: of([4, 3]), weight: of([3, 5]) };

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  ['smoothL1', () => losses.smoothL1({ beta: 0 }), refusal('VALUE', 'smoothL1: expected beta', 'above 0')],
  ['smoothL1', () => losses.smoothL1()(of([8]), of([7])), refusal('SHAPE', 'smoothL1')],
  ['binaryHinge', () => losses.binaryHinge({ power: 2 } as never), refusal('OPTION', "'power'")],
  ['hinge', () => losses.hinge({ form: 'best' as never }), refusal('OPTION', 'hinge: expected form', "'best'")],
  ['hinge', () => losses.hinge()(of([8, 3]), ints(7)), refusal('SHAPE', 'hinge: expected the labels')],
  ['ramp', () => losses.ramp({ s: 1 }), refusal('VALUE', 'ramp: expected s', 'below 1')],
  ['ramp', () => losses.ramp({ warmUp: -1 }), refusal('VALUE', 'ramp: expected warmUp')],
  ['ramp', () => losses.ramp({ form: 'all' as never }), refusal('OPTION', 'ramp: expected form')],
  ['ramp', () => losses.ramp()(of([8, 3]), ints(8)), refusal('STATE', 'ramp: expected the scope to be given')],
  [
    'lSoftmax',
    () => losses.lSoftmax({ margin: 5 }),
    refusal('VALUE', 'lSoftmax: expected the margin to be 1, 2, 3 or 4'),
  ],
  ['lSoftmax', () => losses.lSoftmax({ lambda: -1 }), refusal('VALUE', 'lSoftmax: expected lambda')],
  ['lSoftmax', () => losses.lSoftmax()(both, ints(4)), refusal('STATE', 'lSoftmax: expected the scope')],
  [
    'lSoftmax',
    () => losses.lSoftmax({ lambda: 0 })({ features: of([4, 3]), weight: of([2, 5]) }, ints(4)),
    refusal('SHAPE', 'lSoftmax: expected the weight to be [3, classes]', 'float32[2, 5]'),
  ],
  [
    'aSoftmax',
    () => losses.aSoftmax({ lambda: 0 })({ features: of([4, 3]) } as never, ints(4)),
    refusal('SHAPE', 'aSoftmax: expected the prediction', 'one without weight'),
  ],
  [
    'aSoftmax',
    () => losses.aSoftmax({ lambda: 0 })(of([4, 3]) as never, ints(4)),
    refusal('SHAPE', 'one without features'),
  ],
  ['psi', () => losses.psi(of([3]), 5), refusal('VALUE', 'psi: expected the margin')],
  ['amSoftmax', () => losses.amSoftmax({ margin: -1 }), refusal('VALUE', 'amSoftmax: expected the margin')],
  ['amSoftmax', () => losses.amSoftmax({ scale: 0 }), refusal('VALUE', 'amSoftmax: expected the scale')],
  ['amSoftmax', () => losses.amSoftmax()(both, ints(5)), refusal('SHAPE', 'the labels')],
  ['annealedMargin', () => annealedMargin({ base: -1 }), refusal('VALUE', 'annealedMargin: expected base')],
  ['classWeights', () => classWeights(0), refusal('VALUE', 'classWeights: expected the number of classes')],
  [
    'classWeights',
    () => classWeights(3, { normalize: 'all' as never }),
    refusal('OPTION', 'classWeights: expected normalize'),
  ],
  ['classWeights', () => classWeights(3)(of([4]), scope()), refusal('SHAPE', 'classWeights: expected the features')],
  [
    'angularLoss',
    () => losses.angularLoss({ angle: 90 }),
    refusal('VALUE', 'angularLoss: expected the angle', 'below 90'),
  ],
  [
    'angularLoss',
    () => losses.angularLoss({ form: 'quads' as never }),
    refusal('OPTION', 'angularLoss: expected form'),
  ],
  [
    'angularLoss',
    () => losses.angularLoss()({ anchor: of([4, 3]), positive: of([4, 3]) }, 0),
    refusal('SHAPE', 'one without negative'),
  ],
  [
    'centerLoss',
    () => losses.centerLoss({ classes: 0 }),
    refusal('VALUE', 'centerLoss: expected the number of classes'),
  ],
  ['centerLoss', () => losses.centerLoss({ classes: 2, rate: 2 }), refusal('VALUE', 'centerLoss: expected the rate')],
  [
    'centerLoss',
    () => losses.centerLoss({ classes: 2 })(of([4, 3]), ints(4)),
    refusal('STATE', 'centerLoss: expected the scope'),
  ],
  ['centerLoss', () => losses.centerLoss({ classes: 2 })(of([4, 3]), ints(3), scope()), refusal('SHAPE', 'the labels')],
  ['contrastive', () => losses.contrastive({ margin: 0 }), refusal('VALUE', 'contrastive: expected the margin')],
  [
    'contrastive',
    () => losses.contrastive()({ first: of([4, 3]), second: of([4, 2]) }, ints(4)),
    refusal('SHAPE', 'contrastive: expected the pairs'),
  ],
  ['tukeyBiweight', () => losses.tukeyBiweight({ c: 0 }), refusal('VALUE', 'tukeyBiweight: expected c')],
  ['tukeyBiweight', () => losses.tukeyBiweight()(of([4, 1]), of([4])), refusal('SHAPE', 'tukeyBiweight')],
  [
    'klDivergence',
    () => losses.klDivergence({ form: 'odds' as never }),
    refusal('OPTION', 'klDivergence: expected form'),
  ],
  [
    'klDivergence',
    () => losses.klDivergence()(of([4, 3]), ints(4)),
    refusal('DTYPE', 'klDivergence: expected the target'),
  ],
  ['labelDistribution', () => losses.labelDistribution({ form: 'x' } as never), refusal('OPTION', "'form'")],
  ['gaussianLabels', () => losses.gaussianLabels([1], { classes: 0 }), refusal('VALUE', 'the number of classes')],
  ['gaussianLabels', () => losses.gaussianLabels([1], { classes: 3, deviation: 0 }), refusal('VALUE', 'the deviation')],
  ['gaussianLabels', () => losses.gaussianLabels([Number.NaN], { classes: 3 }), refusal('VALUE', 'every label')],
  ['gaussianLabels', () => losses.gaussianLabels([1], { classes: 3, step: 0 }), refusal('VALUE', 'the step')],
  ['scoredLabels', () => losses.scoredLabels([[0, 0]]), refusal('VALUE', 'every score')],
  ['scoredLabels', () => losses.scoredLabels([[1, 2], [1]]), refusal('SHAPE', 'scoredLabels: expected every row')],
  ['composite', () => losses.composite({}), refusal('OPTION', 'composite: expected the parts')],
  [
    'composite',
    () => losses.composite({ a: { loss: losses.squaredError(), weight: Number.NaN } }),
    refusal('VALUE', 'the weight of a'),
  ],
  [
    'composite',
    () => losses.composite({ a: { loss: losses.squaredError(), prediction: 'b' } })({ c: of([4]) }, of([4]), scope()),
    refusal('OPTION', 'composite: expected the output to be one of c', "'b'"),
  ],
  [
    'composite',
    () => losses.composite({ a: { loss: losses.squaredError(), target: 'b' } })(of([4]), of([4]), scope()),
    refusal('OPTION', 'composite: expected the target to be one of several by name'),
  ],
  ['head', () => losses.head('b', losses.squaredError())({ a: of([4]) }, of([4]), scope()), refusal('OPTION', 'head')],
  [
    'weighted',
    () => losses.weighted(losses.squaredError())(of([4]), of([4]) as never, scope()),
    refusal('OPTION', 'weighted: expected the target to be an object'),
  ],
  [
    'weighted',
    () => losses.weighted(losses.squaredError())(of([4]), { target: of([4]), weights: of([3]) }, scope()),
    refusal('SHAPE', 'weighted: expected loss and weights'),
  ],
  [
    'recommendLoss',
    () => losses.recommendLoss('speed' as never),
    refusal('OPTION', 'recommendLoss: expected the task'),
  ],
];

test.each(bad)('%s refuses misuse %#', (_, build, expected) => expect(build).toThrow(expected));

test('losses of parts give one number per example', () => {
  expect(losses.amSoftmax()(both, ints(4)).shape).toEqual([4]);
  expect(losses.centerLoss({ classes: 2 })(of([4, 3]), ints(4), scope()).shape).toEqual([4]);
  expect(losses.tukeyBiweight()(of([4, 3, 2]), of([4, 3, 2])).shape).toEqual([4]);
  expect(losses.klDivergence()(of([4, 5, 3]), of([4, 5, 3])).shape).toEqual([4]);
});

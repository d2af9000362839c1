/** Chapter J: hinges, ramps and margins of angles, in float64. */
import { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import { type ClassWeightsOptions, classWeights } from '../../lib/layers';
import {
  amSoftmax,
  angularLoss,
  aSoftmax,
  binaryHinge,
  crossEntropy,
  hinge,
  lSoftmax,
  psi,
  ramp,
} from '../../lib/losses';
import { matmul } from '../../lib/ops/matmul';
import { constant } from '../../lib/ops/source';
import { tensor64 } from '../../lib/reference';
import { annealedMargin } from '../../lib/schedules';
import { expectClose, expectHand, F64 } from '../closeness';
import { newTrace } from '../pure/tracing';
import { numbers, result, slope } from './numbers';

const labels = (...classes: number[]) => constant(Int32Array.from(classes));

describe('J-07 hinge', () => {
  const h = constant([[1, 2, 0.5]]);
  const y = labels(0);

  test('of the logit, of the best rival, of all rivals', () => {
    expect(numbers(hinge({ form: 'logit' })(h, y))).toEqual([0]);
    expect(numbers(hinge()(h, y))).toEqual([2]);
    expect(numbers(hinge({ form: 'westonWatkins' })(h, y))).toEqual([2.5]);
    expectHand(numbers(hinge({ form: 'westonWatkins', perClass: true })(h, y)), [0.833333]);
  });

  test('squared', () => {
    expect(numbers(hinge({ squared: true })(h, y))).toEqual([4]);
    expect(numbers(hinge({ form: 'westonWatkins', squared: true })(h, y))).toEqual([4.25]);
  });

  test('gradients: up for rivals within the margin, down for the right class', () => {
    expect(slope(hinge()(h, y), h, [1])).toEqual([-1, 1, 0]);
    expect(slope(hinge({ form: 'westonWatkins' })(h, y), h, [1])).toEqual([-2, 1, 1]);
  });

  test('of two classes, y = -1 or 1', () => {
    const f = constant([2, 0.5, -1]);
    const loss = binaryHinge({ reduction: 'none' })(f, constant([1, -1, 1]));
    expect(numbers(loss)).toEqual([0, 1.5, 2]);
    expectHand(slope(loss, f, [1, 1, 1]), [0, 1, -1]);
    expect(numbers(binaryHinge({ reduction: 'mean', squared: true })(f, constant([1, -1, 1])))).toEqual([6.25 / 3]);
  });
});

describe('J-08 ramp', () => {
  const margins = [2, 1, 0.5, 0, -0.5, -2];
  const scores = constant(margins.map((u) => [u, 0]));
  const first = labels(0, 0, 0, 0, 0, 0);

  test('s = -0.5: 0, 0, 0.5, 1, 1.5, 1.5', () => {
    expect(numbers(ramp({ s: -0.5, warmUp: 0 })(scores, first))).toEqual([0, 0, 0.5, 1, 1.5, 1.5]);
  });

  test('is hinge(u) - max(0, s - u)', () => {
    const hinges = numbers(hinge()(scores, first));
    const ramps = numbers(ramp({ s: -0.5, warmUp: 0 })(scores, first));
    expect(ramps).toEqual(hinges.map((value, i) => value - Math.max(0, -0.5 - (margins[i] as number))));
  });

  test('its gradient is 0 where u < s', () => {
    const gradient = slope(ramp({ s: -0.5, warmUp: 0 })(scores, first), scores, [1, 1, 1, 1, 1, 1]);
    expect(gradient.slice(-2)).toEqual([0, 0]);
    expect(gradient.slice(4, 8)).toEqual([-1, 1, -1, 1]);
  });

  test('s is -1 / (K - 1) unless told', () => {
    expect(numbers(ramp({ warmUp: 0 })(constant([[-9, 0, 0, 0, 0]]), labels(0)))).toEqual([1.25]);
    expect(numbers(ramp({ warmUp: 0, form: 'logit' })(constant([[-9, 0, 0, 0, 0]]), labels(0)))).toEqual([1.25]);
  });

  test('begins with five epochs of hinge', () => {
    const loss = ramp({ s: -0.5 })(scores, first, new Scope(newTrace()));
    const lossesAfter = (epochs: number) => numbers(loss, new Map([['epochs', tensor64([epochs], [])]]));
    expect(lossesAfter(4)).toEqual([0, 0, 0.5, 1, 1.5, 3]);
    expect(lossesAfter(5)).toEqual([0, 0, 0.5, 1, 1.5, 1.5]);
  });
});

const weight = constant([
  [1, 0],
  [0, 2],
]);
const features = constant([[2, 1]]);

describe('J-09 large-margin softmax', () => {
  const loss = (margin: number, lambda = 0) =>
    numbers(lSoftmax({ margin, lambda })({ features, weight }, labels(0)))[0] as number;

  test('margins 1 to 4', () => {
    expectHand(
      [1, 2, 3, 4].map((m) => loss(m)),
      [Math.LN2, 1.075555, 1.783901, 2.695961],
    );
  });

  test('lambda mixes it with the plain logit', () => expectHand([loss(4, 5)], [0.935746]));

  test('margin 1 is softmax', () => {
    const [x, w] = [
      constant([
        [0.3, -2, 1],
        [1, 1, 0.5],
      ]),
      constant([
        [1, 2],
        [-1, 0.5],
        [0.25, 3],
      ]),
    ];
    const plain = crossEntropy()(matmul(x, w), labels(1, 0));
    expectHand(numbers(lSoftmax({ margin: 1, lambda: 0 })({ features: x, weight: w }, labels(1, 0))), numbers(plain));
  });

  test('psi of margin 4 at 0, 45, 90 and 180 degrees', () => {
    const c = constant([0, 45, 90, 180].map((degrees) => Math.cos((degrees * Math.PI) / 180)));
    expectHand(numbers(psi(c, 4)), [1, -1, -3, -7]);
  });

  test.each([1, 2, 3, 4])('psi of margin %d falls without a break from 1 to 1 - 2 m', (margin) => {
    const cosines = Float32Array.from({ length: 181 }, (_, degrees) => Math.cos((degrees * Math.PI) / 180));
    const values = numbers(psi(constant(cosines), margin));
    expectHand([values[0] as number, values[180] as number], [1, 1 - 2 * margin]);
    const falls = values.slice(1).map((value, i) => (values[i] as number) - value);
    expect(Math.min(...falls)).toBeGreaterThan(0);
    expect(Math.max(...falls)).toBeLessThan((margin * Math.PI) / 180 + 1e-5);
  });

  test('lambda falls as O-22 says (O-22)', () => {
    const schedule = annealedMargin({ least: 5 });
    const at = [0, 100, 1000, 2000].map((step) => numbers(schedule(constant(step)))[0] as number);
    expectHand(at, [1000, 76.923077, 8.264463, 5]);
  });

  test('lambda is annealed by the steps that the loss has seen', () => {
    const traced = newTrace();
    const annealed = lSoftmax({ margin: 4, lambda: annealedMargin({ least: 5 }) });
    const value = annealed({ features, weight }, labels(0), new Scope(traced));
    expectHand(numbers(value, new Map([['step', tensor64([2000], [])]])), [0.935746]);
    expect([...traced.updates.keys()]).toEqual(['step']);
  });
});

describe('J-10 angular softmax', () => {
  const loss = (margin: number, lambda = 0, w = weight) =>
    numbers(aSoftmax({ margin, lambda })({ features, weight: w }, labels(0)))[0] as number;

  test('margins 1, 2, 4, and lambda 5', () => {
    expectHand([loss(1), loss(2), loss(4), loss(4, 5)], [0.313262, 0.536846, 1.805663, 0.451004]);
  });

  test('the length of a class weight does not count', () => {
    const longer = constant([
      [7, 0],
      [0, 2],
    ]);
    const [one, other] = [result(constant(loss(4))), result(constant(loss(4, 0, longer)))];
    expectClose(other, one, F64);
  });
});

describe('J-11 additive-margin softmax', () => {
  const loss = (x: Value, label: number, options = {}) =>
    numbers(amSoftmax(options)({ features: x, weight }, labels(label)))[0] as number;

  test('both labels', () => expectHand([loss(features, 0), loss(features, 1)], [0.052714, 23.916408]));

  test('the length of the features does not count', () => {
    expectHand([loss(constant([[20, 10]]), 1)], [23.916408]);
  });

  test('margin 0 is the cross-entropy of s cos t', () => {
    const cosines = constant([[60 / Math.sqrt(5), 30 / Math.sqrt(5)]]);
    expectHand([loss(features, 1, { margin: 0 })], numbers(crossEntropy()(cosines, labels(1))));
  });
});

describe('class weights', () => {
  const logitsOf = (options: ClassWeightsOptions) => {
    const { logits } = classWeights(2, { ...options, initializer: () => weight })(features, new Scope(newTrace()));
    return numbers(logits, new Map([['classWeights.weight', result(weight)]]));
  };

  test('logits are x W, |x| cos t and s cos t', () => {
    expectHand(logitsOf({}), [2, 2]);
    expectHand(logitsOf({ normalize: 'weight' }), [2, 1]);
    expectHand(logitsOf({ normalize: 'both', scale: 30 }), [60 / Math.sqrt(5), 30 / Math.sqrt(5)]);
  });
});

describe('J-12 angular loss', () => {
  const [anchor, positive, negative] = [constant([[1, 0]]), constant([[0.8, 0.6]]), constant([[0, 1]])];

  test('of a triplet', () => {
    expect(numbers(angularLoss()({ anchor, positive, negative }, undefined))).toEqual([0]);
    const near = angularLoss({ angle: 10 })({ anchor, positive, negative }, undefined);
    expectHand(numbers(near), [0.4 - 5.2 * Math.tan(Math.PI / 18) ** 2]);
  });

  test('of pairs: the exponent of the first row is -0.8', () => {
    const pairs = {
      anchor: constant([
        [1, 0],
        [0, 1],
      ]),
      positive: constant([
        [0.8, 0.6],
        [0, 1],
      ]),
    };
    expectHand([numbers(angularLoss({ form: 'pairs' })(pairs, undefined))[0] as number], [0.371101]);
  });
});

/** Chapter J: losses of regression, features and distributions, in float64. */
import * as fc from 'fast-check';
import { epochCount, euclideanNorm, median, stepCount } from '../../lib/functions';
import { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import {
  binaryCrossEntropy,
  centerLoss,
  composite,
  contrastive,
  crossEntropy,
  gaussianLabels,
  gaussianPairLabels,
  head,
  klDivergence,
  type LossTask,
  labelDistribution,
  recommendLoss,
  scoredLabels,
  sigmoidSlopes,
  smoothL1,
  squaredError,
  tukeyBiweight,
  weighted,
} from '../../lib/losses';
import { robustDeviation } from '../../lib/losses/tukey-biweight';
import { mul, sigmoid, sub } from '../../lib/ops/elementwise';
import { mean, sum } from '../../lib/ops/reduce';
import { constant, feed } from '../../lib/ops/source';
import { tensor64 } from '../../lib/reference';
import { expectHand } from '../closeness';
import { newTrace, updated } from '../pure/tracing';
import { numbers, slope } from './numbers';

const labels = (...classes: number[]) => constant(Int32Array.from(classes));
const scope = () => new Scope(newTrace());

describe('J-03 why cross-entropy instead of squared error', () => {
  test('at z = -5, y = 1', () => {
    const { crossEntropy: ce, squaredError: se } = sigmoidSlopes(-5, 1);
    expectHand([ce, se], [-0.993307, -0.006604]);
  });

  test('these are the gradients of the losses', () => {
    const [z, y] = [constant([-5]), constant([1])];
    expectHand(slope(binaryCrossEntropy({ reduction: 'sum' })(z, y), z), [-0.993307]);
    expectHand(slope(squaredError({ reduction: 'sum', scale: 0.5 })(sigmoid(z), y), z), [-0.006604]);
  });
});

describe('J-06 smooth l1', () => {
  const of = (x: number[], options = {}) =>
    numbers(smoothL1({ reduction: 'none', ...options })(constant(x), constant(x.map(() => 0))));

  test('beta 1', () => expect(of([0.5, 1, 3])).toEqual([0.125, 0.5, 2.5]));

  test('beta 1/9', () => expectHand(of([0.05, 0.5, 3], { beta: 1 / 9 }), [0.01125, 0.444444, 2.944444]));

  test('its gradient is x / beta, then the sign', () => {
    const x = constant([0.05, -0.05, 3, -3]);
    const loss = smoothL1({ reduction: 'sum', beta: 0.5 })(x, constant([0, 0, 0, 0]));
    expectHand(slope(loss, x), [0.1, -0.1, 1, -1]);
  });
});

describe('J-13 center loss', () => {
  const x = constant([
    [1, 2],
    [3, 4],
    [0, 1],
  ]);
  const trace = newTrace();
  const loss = centerLoss({ classes: 2 })(x, labels(0, 0, 1), new Scope(trace));
  const start = new Map([['centers', tensor64([0, 0, 0, 0], [2, 2])]]);

  test('sum and mean', () => {
    const sums = centerLoss({ classes: 2, reduction: 'sum' })(x, labels(0, 0, 1), scope());
    expect(numbers(sums, start)).toEqual([15.5]);
    expectHand(numbers(mean(loss), start), [5.166667]);
  });

  test('centres move', () => {
    expectHand([...(updated(trace, start).get('centers')?.data ?? [])], [2 / 3, 1, 0, 0.25]);
  });

  test('a class without examples stays, and nothing moves in evaluation', () => {
    const other = newTrace();
    centerLoss({ classes: 3 })(x, labels(0, 0, 1), new Scope(other));
    const centers = tensor64([0, 0, 0, 0, 5, 6], [3, 2]);
    expect([...(updated(other, new Map([['centers', centers]])).get('centers')?.data ?? [])].slice(4)).toEqual([5, 6]);
    const still = newTrace(false);
    centerLoss({ classes: 2 })(x, labels(0, 0, 1), new Scope(still));
    expect(still.updates.size).toBe(0);
  });
});

describe('J-14 contrastive loss', () => {
  const at = (d: number, y: number) =>
    numbers(contrastive()({ first: constant([[d, 0]]), second: constant([[0, 0]]) }, labels(y)))[0];

  test('d = 0.3', () => expectHand([at(0.3, 1) as number, at(0.3, 0) as number], [0.045, 0.245]));

  test('different ones beyond the margin do not count', () => expect([at(1, 0), at(2, 0)]).toEqual([0, 0]));

  test('the gradient at d = 0 is 0', () => {
    const first = constant([[1, 2]]);
    const loss = contrastive({ reduction: 'sum' })({ first, second: constant([[1, 2]]) }, labels(0));
    expect(slope(loss, first)).toEqual([0, 0]);
  });
});

describe("J-15 Tukey's biweight", () => {
  test('loss and influence without scaling', () => {
    const r = constant([0.5, 1, 2, 4.6851, 100]);
    const loss = tukeyBiweight({ scaled: false, reduction: 'none' })(r, constant([0, 0, 0, 0, 0]));
    expectHand(numbers(loss), [0.123582, 0.477567, 1.657677, 3.65836, 3.65836]);
    expectHand(slope(loss, r, [1, 1, 1, 1, 1]), [0.488675, 0.91096, 1.337492, 0, 0]);
  });

  test('residuals are divided by 1.4826 MAD', () => {
    const r = [0.1, -0.2, 0.3, -0.1, 5];
    const residuals = constant(r.map((value) => [value]));
    expectHand(numbers(robustDeviation(residuals)), [1.4826 * 0.2]);
    const scaled = [0.337245, -0.674491, 1.011736, -0.337245, 16.862269];
    const c = 4.6851;
    const expected = scaled.map((x) => ((c * c) / 6) * (1 - (1 - Math.min((x / c) ** 2, 1)) ** 3));
    expectHand(numbers(tukeyBiweight()(residuals, constant(r.map(() => [0])))), expected);
  });

  test('the scale is that of each output, and 1 where MAD is 0', () => {
    const two = constant([
      [1, 7],
      [3, 7],
      [9, 7],
      [11, 7],
    ]);
    expectHand(numbers(robustDeviation(two)), [1.4826 * 4, 1]);
  });

  test('the scale counts as constant', () => {
    const r = constant([[1], [-2], [4]]);
    const loss = tukeyBiweight({ reduction: 'sum' })(r, constant([[0], [0], [0]]));
    const deviation = 1.4826 * 3;
    const psi = [1, -2, 4].map((x) => {
      const scaled = x / deviation;
      return (scaled * (1 - (scaled / 4.6851) ** 2) ** 2) / deviation;
    });
    expectHand(slope(loss, r), psi);
  });
});

describe('J-16 Kullback-Leibler divergence', () => {
  const kl = (p: number[], q: number[]) =>
    numbers(klDivergence({ form: 'probabilities' })(constant([q]), constant([p])))[0] as number;

  test('is not symmetric', () => {
    expectHand([kl([0.5, 0.5], [0.9, 0.1]), kl([0.9, 0.1], [0.5, 0.5])], [0.510826, 0.368064]);
  });

  test('entropy is the cross-entropy with itself', () => {
    const logits = constant([[0, 0]]);
    const entropy = sub(
      crossEntropy()(logits, constant([[0.5, 0.5]])),
      klDivergence({ form: 'logits' })(logits, constant([[0.5, 0.5]])),
    );
    expectHand(numbers(entropy), [Math.LN2]);
  });

  test('0 log 0 is 0, also in gradients', () => {
    const q = constant([[0.25, 0.75]]);
    const loss = klDivergence({ form: 'probabilities', reduction: 'sum' })(q, constant([[0, 1]]));
    expectHand(numbers(loss), [Math.log(4 / 3)]);
    expectHand(slope(loss, q), [0, -4 / 3]);
  });

  test('is above 0 for 1000 random pairs, and 0 for equal ones', () => {
    const distribution = fc
      .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
      .map((scores) => scores.map((score) => score / scores.reduce((a, b) => a + b)));
    fc.assert(
      fc.property(distribution, distribution, (p, q) => {
        expect(Math.abs(kl(p, p))).toBeLessThan(1e-12);
        if (p.some((x, i) => Math.abs(x - (q[i] as number)) > 1e-3)) expect(kl(p, q)).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('J-17 label distributions', () => {
  test('a Gaussian over five classes', () => {
    const { data, shape } = gaussianLabels([2], { classes: 5 });
    expect(shape).toEqual([1, 5]);
    expectHand(data, [0.054489, 0.244201, 0.40262, 0.244201, 0.054489]);
  });

  test('loss and gradient', () => {
    const h = constant([[0, 1, 2, 1, 0]]);
    const loss = labelDistribution({ reduction: 'sum' })(h, constant(gaussianLabels([2], { classes: 5 })));
    expectHand(numbers(loss), [0.030796]);
    expectHand(slope(loss, h), [0.012962, -0.060851, 0.095778, -0.060851, 0.012962]);
  });

  test('ages of 0 to 100', () => {
    const { data } = gaussianLabels([25], { classes: 101, deviation: 2 });
    expectHand([Math.max(...data)], [0.199471]);
    expectHand([[...data].reduce((total, p, age) => total + p * age, 0)], [25]);
  });

  test('pairs: the product of both Gaussians', () => {
    const axis = { classes: 3, first: -90, step: 90, deviation: 90 };
    const { data, shape } = gaussianPairLabels([[0, -90]], axis, axis);
    const [down, across] = [gaussianLabels([0], axis).data, gaussianLabels([-90], axis).data];
    expect(shape).toEqual([1, 9]);
    expectHand(
      data,
      [...down].flatMap((row) => [...across].map((column) => row * column)),
    );
  });

  test('any scores', () => expectHand(scoredLabels([[3, 1, 0]]).data, [0.75, 0.25, 0]));
});

describe('J-18 composite objective', () => {
  const model = { logits: feed('logits', [2, 3]), features: feed('features', [2, 2]) };
  const objective = composite({
    logits: crossEntropy(),
    size: { loss: (x: Value) => mean(mul(x, x), { axes: 1 }), weight: 0.1, prediction: 'features' },
  });

  test('parts are weighted, and their gradients with them', () => {
    const x = constant([
      [1, 2],
      [3, 4],
    ]);
    const z = constant([
      [1, 2, 3],
      [0, 1, 0],
    ]);
    const parts = objective({ logits: z, features: x }, labels(2, 1), scope());
    expect(Object.keys(parts)).toEqual(['logits', 'size']);
    expectHand(numbers(parts.size as Value), [0.25, 1.25]);
    const alone = crossEntropy()(z, labels(2, 1));
    expect(numbers(parts.logits as Value)).toEqual(numbers(alone));
    expectHand(slope(sum(parts.size as Value), x), [0.1, 0.2, 0.3, 0.4]);
    expectHand(slope(sum(parts.logits as Value), z), slope(sum(alone), z));
  });

  test('targets are found by name', () => {
    const two = composite({ a: squaredError(), b: { loss: squaredError(), target: 'a' } });
    const heads = { a: constant([[1]]), b: constant([[2]]) };
    const parts = two(heads, { a: constant([[0]]), b: constant([[9]]) }, scope());
    expect([numbers(parts.a as Value), numbers(parts.b as Value)]).toEqual([[1], [4]]);
  });

  test('a criterion of one output', () => {
    expect(head('logits', crossEntropy())(model, feed('y', [2], 'int32'), scope()).shape).toEqual([2]);
  });
});

describe('what losses are made of', () => {
  test('lengths have a gradient at 0, and medians are those of sorted numbers', () => {
    const x = constant([
      [3, 4],
      [0, 0],
    ]);
    expect(numbers(euclideanNorm(x))).toEqual([5, 0]);
    expectHand(slope(sum(euclideanNorm(x)), x), [0.6, 0.8, 0, 0]);
    expect(
      numbers(
        median(
          constant([
            [5, 1, 3],
            [9, 7, 8],
          ]),
        ),
      ),
    ).toEqual([3, 8]);
    expect(numbers(median(constant([[4, 1, 3, 9]])))).toEqual([3.5]);
  });

  test('steps are counted in training only, epochs where the model keeps them', () => {
    const [training, evaluation] = [newTrace(), newTrace(false)];
    stepCount(new Scope(training));
    stepCount(new Scope(evaluation));
    expect([training.updates.size, evaluation.updates.size]).toEqual([1, 0]);
    epochCount(new Scope(training).child('loss', (inner) => inner));
    expect([...training.declarations.keys()]).toEqual(['step', 'epochs']);
  });
});

describe('weights of examples', () => {
  test('make the mean a weighted one', () => {
    const loss = weighted(squaredError());
    const target = { target: constant([0, 0, 0]), weights: constant([1, 0, 3]) };
    expectHand(numbers(mean(loss(constant([2, 9, 4]), target, scope()))), [(4 + 3 * 16) / 4]);
  });
});

describe('J-19 loss advice', () => {
  test.each<[LossTask, string, string]>([
    ['classification', 'crossEntropy', 'hinge'],
    ['discriminativeFeatures', 'lSoftmax', 'centerLoss'],
    ['noisyLabels', 'ramp', 'crossEntropy with labelSmoothing'],
    ['regression', 'squaredError', 'smoothL1'],
    ['regressionWithOutliers', 'tukeyBiweight', 'smoothL1'],
    ['uncertainOrderedLabels', 'labelDistribution', 'crossEntropy with soft labels'],
  ])('%s: %s, or %s', (task, loss, alternative) => {
    const advice = recommendLoss(task);
    expect(advice.loss).toBe(loss);
    expect(advice.alternatives).toContain(alternative);
    expect(advice.reason.length).toBeGreaterThan(20);
  });
});

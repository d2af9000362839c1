/** Chapter J: gradients of every loss against numeric differences, in float64 (NUM), away from kinks. */
import { gradientCheck, type Tensor, tensor, type Value } from '../../lib';
import { Scope } from '../../lib/graph/scope';
import * as losses from '../../lib/losses';
import { softmax } from '../../lib/ops/softmax';
import { constant } from '../../lib/ops/source';
import { newTrace } from '../pure/tracing';

const labels = constant(Int32Array.of(0, 2, 1));
const scores = tensor([
  [2.1, 0.3, -0.7],
  [-1.1, 0.9, 1.7],
  [0.45, -0.35, 0.15],
]);
const features = tensor([
  [2, 1.3],
  [0.3, -0.7],
  [-1.1, 0.9],
]);
const others = tensor([
  [1.1, 0.2],
  [-0.3, 0.8],
  [0.4, -1.6],
]);
const thirds = tensor([
  [0.3, 0.25],
  [0.2, 0.05],
  [-0.6, -0.1],
]);
const weight = tensor([
  [1, 0.4, -0.3],
  [-0.6, 2, 0.8],
]);
const column = tensor([[0.1], [-0.2], [0.35], [-0.15], [5]]);
const zeros = constant([[0], [0], [0], [0], [0]]);
const sums = { reduction: 'sum' } as const;
const distribution = constant([
  [0.5, 0.25, 0.25],
  [0, 1, 0],
  [0.1, 0.2, 0.7],
]);

const both = (x: Value, w: Value) => ({ features: x, weight: w });

const table: [string, (...inputs: Value[]) => Value, Tensor[]][] = [
  [
    'cross-entropy',
    (z) => losses.crossEntropy({ ...sums, weights: [1, 2, 3], labelSmoothing: 0.1 })(z, labels),
    [scores],
  ],
  ['binary cross-entropy', (z) => losses.binaryCrossEntropy(sums)(z, distribution), [scores]],
  ['squared error', (x) => losses.squaredError(sums)(x, zeros), [column]],
  ['absolute error', (x) => losses.absoluteError(sums)(x, zeros), [column]],
  ['smooth l1', (x) => losses.smoothL1({ ...sums, beta: 0.25 })(x, zeros), [column]],
  [
    'binary hinge',
    (x) => losses.binaryHinge({ ...sums, squared: true })(x, constant([[1], [1], [-1], [-1], [1]])),
    [column],
  ],
  ...losses.hingeForms.map((form): [string, (...inputs: Value[]) => Value, Tensor[]] => [
    `hinge ${form}`,
    (z) => losses.hinge({ ...sums, form, squared: true })(z, labels),
    [scores],
  ]),
  ['ramp', (z) => losses.ramp({ ...sums, warmUp: 0, s: -1 })(z, labels), [scores]],
  ...[1, 2, 3, 4].flatMap((margin): [string, (...inputs: Value[]) => Value, Tensor[]][] => [
    [
      `l-softmax ${margin}`,
      (x, w) => losses.lSoftmax({ ...sums, margin, lambda: 0.5 })(both(x, w), labels),
      [features, weight],
    ],
    [
      `a-softmax ${margin}`,
      (x, w) => losses.aSoftmax({ ...sums, margin, lambda: 0.5 })(both(x, w), labels),
      [features, weight],
    ],
  ]),
  ['am-softmax', (x, w) => losses.amSoftmax({ ...sums, scale: 4 })(both(x, w), labels), [features, weight]],
  [
    'angular loss of triplets',
    (a, p, n) => losses.angularLoss({ ...sums, angle: 20 })({ anchor: a, positive: p, negative: n }, 0),
    [features, others, thirds],
  ],
  [
    'angular loss of pairs',
    (a, p) => losses.angularLoss({ ...sums, form: 'pairs', angle: 30 })({ anchor: a, positive: p }, 0),
    [features, others],
  ],
  [
    'contrastive',
    (a, b) => losses.contrastive({ ...sums, margin: 3 })({ first: a, second: b }, constant([1, 0, 0])),
    [features, others],
  ],
  ["Tukey's biweight", (x) => losses.tukeyBiweight({ ...sums, scaled: false })(x, zeros), [column]],
  ['Kullback-Leibler of logits', (z) => losses.klDivergence({ ...sums, form: 'logits' })(z, distribution), [scores]],
  [
    'Kullback-Leibler of probabilities',
    (z) => losses.klDivergence({ ...sums, form: 'probabilities' })(softmax(z), distribution),
    [scores],
  ],
  ['label distribution', (z) => losses.labelDistribution(sums)(z, distribution), [scores]],
];

test.each(table)('%s', (_, loss, inputs) => {
  expect(gradientCheck(loss, inputs)).toBeLessThanOrEqual(1e-6);
});

test('center loss: x - c', () => {
  const loss = (x: Value) => {
    const centers = constant([
      [0.5, 1],
      [2, 0],
      [1, 1],
    ]);
    const scope = new Scope(newTrace());
    Object.assign(scope, { state: () => centers, update: () => {} });
    return losses.centerLoss({ ...sums, classes: 3 })(x, labels, scope);
  };
  expect(gradientCheck(loss, [features])).toBeLessThanOrEqual(1e-6);
});

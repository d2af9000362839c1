/** S-06 and S-07: attention against printed numbers, numeric gradients and its own laws. */
import { additiveScores, attend, dotScores, localWindow, predictedPosition } from '../../lib/functions';
import type { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import {
  type Attention,
  additiveScore,
  concatScore,
  dotScore,
  generalScore,
  globalAttention,
  localAttention,
  type Score,
} from '../../lib/layers';
import { mul } from '../../lib/ops/elementwise';
import { sum } from '../../lib/ops/reduce';
import { constant } from '../../lib/ops/source';
import { EXACT, expectClose, expectHand } from '../closeness';
import { givenScope } from '../golden/given-scope';
import { numbers, result } from './numbers';
import { drawn } from './recurrent-runs';
import { parametersError } from './sequence-pairs';

const s = constant([[1, 2]]);
const h = constant([
  [
    [1, 0],
    [0, 1],
    [1, 1],
  ],
]);
const identity = constant([
  [1, 0],
  [0, 1],
]);

/** Parameters of choice for a score that stands below `attention`. */
const scopeOf = (parameters: Readonly<Record<string, Value>>): Scope => givenScope(new Map(Object.entries(parameters)));

describe('S-06 additive attention', () => {
  const [e, weights, context] = [
    [1.928055, 1.756649, 1.959082],
    [0.347948, 0.293139, 0.358913],
    [0.706861, 0.652052],
  ];

  test('the printed numbers', () => {
    const scores = additiveScores(s, h, constant([1, 1]));
    const attended = attend(scores, h);
    expectHand(numbers(scores), e);
    expectHand(numbers(attended.weights), weights);
    expectHand(numbers(attended.context), context);
  });

  test('the layer, and concat, compute the same', () => {
    const scope = scopeOf({ queryWeight: identity, keyWeight: identity, vector: constant([1, 1]) });
    for (const score of [additiveScore(2), concatScore(2)]) expectHand(numbers(score(h, scope)(s)), e);
  });
});

describe('S-07 multiplicative attention', () => {
  test('the printed numbers of dot', () => {
    const attended = attend(dotScores(s, h), h);
    expectHand(numbers(dotScores(s, h)), [1, 2, 3]);
    expectHand(numbers(attended.weights), [0.090031, 0.244728, 0.665241]);
    expectHand(numbers(attended.context), [0.755272, 0.909969]);
  });

  test('general with W = I is dot', () => {
    const [query, states] = [drawn(1, 3, 4), drawn(2, 3, 5, 4)];
    const eye = constant([0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => Number(i === j))));
    const general = generalScore()(states, scopeOf({ weight: eye }))(query);
    expectClose(result(general), result(dotScore()(states, scopeOf({}))(query)), EXACT);
  });

  test('local-p: the position, and the weights around it', () => {
    const position = predictedPosition(constant([0.5]), 10);
    expectHand(numbers(position), [6.224593]);
    const { mask, factor } = localWindow(position, 10, 2);
    expect(numbers(mask)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 0]);
    const expected = [4, 5, 6, 7, 8].map((j) => Math.exp(-((j - 6.22459331) ** 2) / 2));
    numbers(factor)
      .slice(4, 9)
      .forEach((number, i) => {
        expect(number).toBeCloseTo(expected[i] as number, 6);
      });
  });

  test('local attention looks at its window alone, and never at padding', () => {
    const [query, states] = [drawn(3, 2, 4), drawn(4, 2, 9, 4)];
    const mask = constant({
      dtype: 'bool',
      shape: [2, 9],
      data: Uint8Array.from({ length: 18 }, (_, i) => Number(i < 12)),
    });
    const [weight, vector] = [drawn(5, 4, 4), drawn(6, 4)];
    const scope = scopeOf({ 'attention.position.weight': weight, 'attention.position.vector': vector });
    const rows = numbers(localAttention(dotScore(), { reach: 1 })({ states, mask }, scope)(query).weights);
    const seen = [rows.slice(0, 9), rows.slice(9)].map((row) => row.flatMap((w, j) => (w > 0 ? [j] : [])));
    const logit = [0, 1].map((n) => numbers(sum(mul(constant(tanhOf(query, weight, n)), vector)))[0] as number);
    const centers = logit.map((x, n) => Math.round(((n ? 3 : 9) * 1) / (1 + Math.exp(-x))));
    seen.forEach((steps, n) => {
      const [center, last] = [centers[n] as number, n ? 2 : 8];
      expect(steps).toEqual([center - 1, center, center + 1].filter((j) => j >= 0 && j <= last));
    });
  });
});

/** tanh(s W) of row n. */
function tanhOf(query: Value, weight: Value, n: number): number[] {
  const [q, w] = [numbers(query), numbers(weight)];
  return [0, 1, 2, 3].map((j) =>
    Math.tanh([0, 1, 2, 3].reduce((t, i) => t + (q[4 * n + i] as number) * (w[4 * i + j] as number), 0)),
  );
}

/** Any parameter, drawn. */
const drawnScope = {
  param: (name: string, shape: readonly number[]) => drawn(name.length, ...shape),
  child: <T>(_: string, body: (inner: Scope) => T): T => body(drawnScope),
} as unknown as Scope;

const scores: Readonly<Record<string, Score>> = {
  additive: additiveScore(3),
  dot: dotScore(),
  general: generalScore(),
};

const attentions: Readonly<Record<string, Attention>> = Object.fromEntries(
  Object.entries(scores).flatMap(([name, score]) => [
    [name, globalAttention(score)],
    [`${name}, local`, localAttention(score, { reach: 1 })],
  ]),
);

describe.each(Object.entries(attentions))('%s', (_, attention) => {
  const mask = constant({ dtype: 'bool', shape: [2, 5], data: Uint8Array.from([1, 1, 1, 1, 1, 1, 1, 1, 0, 0]) });

  test('NUM', () => {
    const error = parametersError((scope) => {
      const query = scope.param('query', [2, 4], () => drawn(1, 2, 4));
      const states = scope.param('states', [2, 5, 4], () => drawn(2, 2, 5, 4));
      const { context, weights } = attention({ states, mask }, scope)(query);
      return sum(mul(sum(context, { axes: 1 }), sum(mul(weights, drawn(3, 2, 5)), { axes: 1 })));
    });
    expect(error).toBeLessThan(1e-6);
  });

  test('padding has weight 0 exactly, and its states change nothing', () => {
    const padded = (by: number) => Float32Array.from(numbers(drawn(2, 2, 5, 4)), (x, i) => (i >= 32 ? by : x));
    const parts = [0, 7].map((by) => {
      const states = constant({ dtype: 'float32', shape: [2, 5, 4], data: padded(by) });
      const { context, weights } = attention({ states, mask }, drawnScope)(drawn(1, 2, 4));
      return [numbers(context), numbers(weights)];
    });
    expect(parts[0]).toEqual(parts[1]);
    expect(parts[0]?.[1]?.slice(8)).toEqual([0, 0]);
  });
});

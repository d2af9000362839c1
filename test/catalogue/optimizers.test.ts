/** Chapter O: the printed iterates of optimizers and schedules, in float64. */
import type { Value } from '../../lib/graph/value';
import { add, mul, sub } from '../../lib/ops/elementwise';
import { constant } from '../../lib/ops/source';
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  clipByValue,
  groups,
  momentum,
  scaleByRate,
  sgd,
  type Transform,
} from '../../lib/optimizers';
import {
  constant as constantRate,
  cosine,
  exponential,
  inverseTime,
  type Schedule,
  stepwise,
  warmUp,
} from '../../lib/schedules';
import { expectHand } from '../closeness';
import { descend, type Point } from './descend';
import { numbers } from './numbers';

/** f = (x^2 + 10 y^2) / 2. */
const bowl = (parameters: ReadonlyMap<string, Value>) =>
  new Map([...parameters].map(([path, w]) => [path, mul(w, constant([1, 10]))]));

const iterates = (optimizer: Transform): number[] =>
  descend(optimizer, bowl, { w: [1, 1] }, 3).flatMap(({ w }) => w as number[]);

test('O-01 gradient descent', () =>
  expectHand(iterates(sgd({ rate: 0.05 })), [0.95, 0.5, 0.9025, 0.25, 0.857375, 0.125]));

describe('O-02 momentum', () => {
  const printed = [0.95, 0.5, 0.8575, -0.2, 0.731375, -0.73];

  test('both forms agree while the rate is constant', () => {
    expectHand(iterates(sgd({ rate: 0.05, momentum: 0.9 })), printed);
    expectHand(iterates(sgd({ rate: 0.05, momentum: 0.9, form: 'torch' })), printed);
  });

  test('the forms differ when the rate changes', () => {
    const rate = stepwise({ rate: 0.05, every: 1 });
    const [notes, torch] = (['notes', 'torch'] as const).map((form) => iterates(sgd({ rate, momentum: 0.9, form })));
    expectHand((notes as number[]).slice(0, 4), [0.95, 0.5, 0.95 - 0.045 - 0.025 * 0.95, 0.5 - 0.45 - 0.025 * 5]);
    expectHand((torch as number[]).slice(0, 4), [0.95, 0.5, 0.95 - 0.025 * (0.9 + 0.95), 0.5 - 0.025 * (9 + 5)]);
  });

  test('it escapes a poor local minimum', () => {
    const slopeOf = (parameters: ReadonlyMap<string, Value>) => {
      const w = parameters.get('w') as Value;
      const f = (x: Value) => add(sub(mul(4, mul(x, mul(x, x))), mul(4, x)), 0.3);
      return new Map([['w', f(w)]]);
    };
    const end = (mu: number) => descend(sgd({ rate: 0.01, momentum: mu }), slopeOf, { w: [1.6] }, 2000).at(-1)?.w;
    expectHand(end(0) as number[], [0.96015]);
    expectHand(end(0.95) as number[], [-1.035579]);
  });
});

describe('O-04 Nesterov momentum', () => {
  const path = descend(sgd({ rate: 0.05, momentum: 0.9, nesterov: true }), bowl, { w: [1, 1] }, 3);
  const stored = path.flatMap(({ w }) => w as number[]);

  test('the stored parameters are those at the look-ahead point', () =>
    expectHand(stored, [0.905, 0.05, 0.778525, -0.4025, 0.631463, -0.404875]));

  test('without mu * v they are those of the reference form', () => {
    const velocities = path.flatMap((point) => point['optimizer.momentum.velocity.w'] as number[]);
    const behind = stored.map((theta, i) => theta - 0.9 * (velocities[i] as number));
    expectHand(behind, [0.95, 0.5, 0.85975, 0.025, 0.739599, -0.20125]);
  });
});

describe('O-08 Adam', () => {
  test('printed iterates', () => {
    const path = iterates(adam({ rate: 0.1 }));
    expectHand(
      path.filter((_, i) => i % 2 === 0),
      [0.9, 0.800412, 0.701586],
    );
  });

  test.each([1e-6, 1e-3, 1, 1e3, 1e6])('the first step is as long as the rate for gradients of size %p', (size) => {
    const [point] = descend(
      adam({ rate: 0.1, epsilon: 1e-30 }),
      () => new Map([['w', constant([size, -size])]]),
      { w: [0, 0] },
      1,
    );
    for (const move of point?.w ?? []) {
      expect(Math.abs(move)).toBeLessThanOrEqual(0.1 * (1 + 1e-6));
      expect(Math.abs(move)).toBeGreaterThanOrEqual(0.1 * (1 - 1e-6));
    }
  });

  test('weight decay: in the gradient, or decoupled', () => {
    const still = () => new Map([['w', constant([1, -1])]]);
    const first = (optimizer: Transform) => descend(optimizer, still, { w: [1, 1] }, 1)[0]?.w as number[];
    expectHand(first(adamw({ rate: 0.1, weightDecay: 0.5 })), [1 - 0.1 - 0.05, 1 + 0.1 - 0.05]);
    expectHand(first(adam({ rate: 0.1, weightDecay: 0.5 })), [0.9, 1.1]);
  });
});

describe('O-12 groups', () => {
  const start: Point = { 'body.weight': [1, 1], 'head.weight': [1, 1], 'head.bias': [1, 1] };
  const run = (optimizer: Transform) => descend(optimizer, bowl, start, 1)[0] as Point;

  test('multipliers, freezing and optimizers of their own', () => {
    const point = run(
      groups(
        sgd({ rate: 0.01 }),
        { match: 'body', freeze: true },
        { match: /bias$/, rateMultiplier: 2 },
        { match: (path) => path.startsWith('head'), optimizer: sgd({ rate: 0.05 }) },
      ),
    );
    expect(point['body.weight']).toEqual([1, 1]);
    expectHand(point['head.bias'] as number[], [0.98, 0.8]);
    expectHand(point['head.weight'] as number[], [0.95, 0.5]);
  });

  test('a multiplier of 0 leaves the numbers as they are', () => {
    const point = run(groups(adam({ rate: 0.1 }), { match: 'head', rateMultiplier: 0 }));
    expect([point['head.weight'], point['head.bias']]).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(point['body.weight']).not.toEqual([1, 1]);
  });
});

describe('O-13 clipping', () => {
  const clipped = (stage: Transform, g: Point) => {
    const gradients = () => new Map(Object.entries(g).map(([path, values]) => [path, constant([...values])]));
    const start = Object.fromEntries(Object.entries(g).map(([path, values]) => [path, values.map(() => 0)]));
    return descend(stage, gradients, start, 1)[0] as Point;
  };

  test('by global norm, over all parameters together', () => {
    expectHand(clipped(clipByGlobalNorm(1), { w: [3, 4] }).w as number[], [0.6, 0.8]);
    const apart = clipped(clipByGlobalNorm(1), { a: [3], b: [4] });
    expectHand([...(apart.a as number[]), ...(apart.b as number[])], [0.6, 0.8]);
    expect(clipped(clipByGlobalNorm(10), { w: [3, 4] }).w).toEqual([3, 4]);
  });

  test('by value', () => expect(clipped(clipByValue(1), { w: [3, -4, 0.5] }).w).toEqual([1, -1, 0.5]));

  test('in a chain', () => {
    const optimizer = chain(clipByGlobalNorm(1), momentum({ mu: 0.5 }), scaleByRate(2));
    expectHand(clipped(optimizer, { w: [3, 4] }).w as number[], [-1.2, -1.6]);
  });
});

describe('schedules', () => {
  const at = (schedule: Schedule, ...steps: number[]) => steps.flatMap((step) => numbers(schedule(constant(step))));

  test('O-15 constant', () => expectHand(at(constantRate(0.01), 0, 1000), [0.01, 0.01]));
  test('O-16 stepwise', () =>
    expectHand(at(stepwise({ rate: 0.1, every: 5 }), 0, 4, 5, 10, 20), [0.1, 0.1, 0.05, 0.025, 0.00625]));
  test('O-17 exponential', () =>
    expectHand(at(exponential({ rate: 0.1, decay: 0.1 }), 0, 1, 10), [0.1, 0.090484, 0.036788]));
  test('O-18 1 / t', () => expectHand(at(inverseTime({ rate: 0.1, decay: 0.1 }), 0, 1, 10), [0.1, 0.090909, 0.05]));
  test('cosine', () => expectHand(at(cosine({ rate: 1, steps: 10, final: 0.2 }), 0, 5, 10, 99), [1, 0.6, 0.2, 0.2]));
  test('warm-up', () => expectHand(at(warmUp(1, { steps: 4 }), 0, 1, 3, 9), [0.25, 0.5, 1, 1]));
});

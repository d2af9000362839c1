/** Chapter O: the printed iterates of optimizers, in float64. */
import type { Value } from '../../lib/graph/value';
import { add, mul, sub } from '../../lib/ops/elementwise';
import { constant } from '../../lib/ops/source';
import {
  adadelta,
  adagrad,
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  clipByValue,
  groups,
  momentum,
  rmsprop,
  scaleByRate,
  sgd,
  type Transform,
} from '../../lib/optimizers';
import { linear, stepwise } from '../../lib/schedules';
import { expectHand } from '../closeness';
import { descend, type Point } from './descend';

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

test('O-03 momentum that rises', () => {
  const start: Point = { w: [0] };
  const rising = sgd({ rate: 1, momentum: linear({ from: 0.5, to: 0.9, steps: 2 }) });
  const path = descend(rising, () => new Map([['w', constant([1])]]), start, 4).flatMap(({ w }) => w as number[]);
  const velocities = path.map((w, i) => w - (path[i - 1] ?? 0));
  expectHand(velocities, [-1, -1.7, -0.9 * 1.7 - 1, -0.9 * (0.9 * 1.7 + 1) - 1]);
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

const everyOther = (numbers: readonly number[], first: 0 | 1) => numbers.filter((_, i) => i % 2 === first);

describe('O-05 Adagrad', () => {
  const printed = [0.5, 0.276393, 0.156399];

  test('printed iterates, equal in both coordinates', () => {
    const path = iterates(adagrad({ rate: 0.5, epsilon: 1e-12 }));
    expectHand(everyOther(path, 0), printed);
    expectHand(everyOther(path, 1), printed);
  });

  test.each([
    ['inside', Math.SQRT1_2],
    ['outside', 0.909091],
  ] as const)('epsilon %s of the root', (epsilonMode, factor) => {
    const gradient = () => new Map([['w', constant([0.1])]]);
    const [point] = descend(adagrad({ rate: 1, epsilon: 0.01, epsilonMode }), gradient, { w: [0] }, 1);
    expectHand(point?.w as number[], [-factor]);
  });

  test('rates never rise', () => {
    const sums = descend(adagrad(), bowl, { w: [1, 1] }, 10).map((point) => point['optimizer.adagrad.squareSum.w']);
    sums.slice(1).forEach((sum, i) => {
      sum?.forEach((s, j) => {
        expect(s).toBeGreaterThanOrEqual(sums[i]?.[j] as number);
      });
    });
  });
});

test('O-06 Adadelta', () =>
  expectHand(iterates(adadelta()), [0.995528, 0.995528, 0.991009, 0.991009, 0.986465, 0.986464]));

describe('O-07 RMSProp', () => {
  test('epsilon inside of the root', () =>
    expectHand(iterates(rmsprop({ rate: 0.1 })), [0.683774, 0.683772, 0.498873, 0.498871, 0.369183, 0.369181]));

  test('epsilon outside, as PyTorch has it', () => {
    const path = iterates(rmsprop({ rate: 0.1, epsilon: 1e-8, epsilonMode: 'outside' }));
    expectHand(everyOther(path, 0), [0.683772, 0.498871, 0.369181]);
  });

  test('it is Adadelta with the rate in place of the numerator', () => {
    const [g, h] = [iterates(rmsprop({ rate: 0.1, decay: 0.95 })), iterates(adadelta({ rate: 1 }))];
    const square = (x: number) => x * x;
    // By hand: s <- 0.95 s + 0.05 g^2, w <- w - numerator * g / sqrt(s + 1e-6).
    const steps = (numerator: (d: number) => number) => {
      const [w, s, d] = [
        [1, 1],
        [0, 0],
        [0, 0],
      ] as [number[], number[], number[]];
      return Array.from({ length: 3 }, () =>
        [1, 10].map((slope, j) => {
          const gradient = slope * (w[j] as number);
          s[j] = 0.95 * (s[j] as number) + 0.05 * square(gradient);
          const update = (numerator(d[j] as number) * gradient) / Math.sqrt((s[j] as number) + 1e-6);
          d[j] = 0.95 * (d[j] as number) + 0.05 * square(update);
          w[j] = (w[j] as number) - update;
          return w[j] as number;
        }),
      ).flat();
    };
    expectHand(
      g,
      steps(() => 0.1),
    );
    expectHand(
      h,
      steps((d) => Math.sqrt(d + 1e-6)),
    );
  });
});

describe('O-08 Adam', () => {
  test('epsilon inside of the root', () => {
    const [point] = descend(
      adam({ rate: 1, epsilon: 3, epsilonMode: 'inside' }),
      () => new Map([['w', constant([1])]]),
      { w: [0] },
      1,
    );
    expectHand(point?.w as number[], [-0.5]);
  });

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

/** States of optimizers, how they fuse, and a complaint for every misuse of optimizers and schedules. */
import { compile } from '../../lib/compiler/compile';
import { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import { add } from '../../lib/ops/elementwise';
import { feed, state } from '../../lib/ops/source';
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
  scaleByAdadelta,
  scaleByAdam,
  scaleByRate,
  scaleByRms,
  scaleBySquareSum,
  sgd,
  type Transform,
  weightDecay,
} from '../../lib/optimizers';
import {
  adjustable,
  annealedMargin,
  byEpoch,
  changePoints,
  constant,
  cosine,
  cyclicCosine,
  exponential,
  inverseTime,
  linear,
  stepwise,
  warmUp,
} from '../../lib/schedules';
import { refusal } from '../io/refusal';
import { newTrace } from './tracing';

const shapes = { 'dense.weight': [4, 3], 'dense.bias': [3] };

/** Applies `optimizer` to gradients that come from outside. */
function applied(optimizer: Transform) {
  const trace = newTrace();
  const parameters = new Map(Object.entries(shapes).map(([path, shape]) => [path, state(path, shape)]));
  const gradients = new Map(Object.entries(shapes).map(([path, shape]) => [path, feed(`gradient ${path}`, shape)]));
  const updates = optimizer(gradients, parameters, new Scope(trace, 'optimizer'));
  const states = [...trace.updates].map(([path, next]) => ({
    state: trace.declarations.get(path)?.value as Value,
    next,
  }));
  const moved = [...updates].map(([path, update]) => {
    const parameter = parameters.get(path) as Value;
    return { state: parameter, next: add(parameter, update) };
  });
  const { plan } = compile({ outputs: {}, updates: [...states, ...moved], feeds: [...gradients.values()] });
  return { updates, plan, paths: [...trace.declarations.keys()] };
}

describe('states', () => {
  test('plain descent has none', () => expect(applied(sgd({ rate: 0.1, weightDecay: 0.1 })).paths).toEqual([]));

  test('momentum: a velocity per parameter', () => {
    const { paths } = applied(sgd({ rate: 0.1, momentum: 0.9 }));
    expect(paths).toEqual(['optimizer.momentum.velocity.dense.weight', 'optimizer.momentum.velocity.dense.bias']);
  });

  test('Adam: two means per parameter and a count; a schedule counts by itself', () => {
    const { paths } = applied(adam({ rate: exponential({ rate: 0.1, decay: 0.1 }) }));
    expect(paths).toEqual([
      'optimizer.adam.step',
      'optimizer.adam.mean.dense.weight',
      'optimizer.adam.meanSquare.dense.weight',
      'optimizer.adam.mean.dense.bias',
      'optimizer.adam.meanSquare.dense.bias',
      'optimizer.rate.step',
    ]);
  });

  test('Adagrad and RMSProp: one square per parameter; Adadelta: two', () => {
    const states = (optimizer: Transform) => applied(optimizer).paths.filter((path) => path.endsWith('weight'));
    expect(states(adagrad())).toEqual(['optimizer.adagrad.squareSum.dense.weight']);
    expect(states(rmsprop())).toEqual(['optimizer.rms.meanSquare.dense.weight']);
    expect(states(adadelta())).toEqual([
      'optimizer.adadelta.meanSquare.dense.weight',
      'optimizer.adadelta.meanSquareUpdate.dense.weight',
    ]);
  });

  test('momentum by a schedule counts by itself; an adjustable rate has a factor', () => {
    const { paths } = applied(sgd({ rate: adjustable(0.1), momentum: linear({ from: 0.5, to: 0.9, steps: 5 }) }));
    expect(paths.filter((path) => !path.includes('dense'))).toEqual([
      'optimizer.rate.step',
      'optimizer.rate.adjustableRate',
      'optimizer.momentum.step',
    ]);
  });

  test('groups keep theirs apart, and none for what is frozen', () => {
    const own = { match: 'dense.bias', optimizer: sgd({ rate: 0.1, momentum: 0.5 }) };
    expect(applied(groups(sgd({ rate: 0.1, momentum: 0.9 }), own)).paths).toEqual([
      'optimizer.common.momentum.velocity.dense.weight',
      'optimizer.group.momentum.velocity.dense.bias',
    ]);
    const { paths, updates } = applied(groups(sgd({ rate: 0.1, momentum: 0.9 }), { match: /bias$/, freeze: true }));
    expect(paths).toEqual(['optimizer.common.momentum.velocity.dense.weight']);
    expect([...updates.keys()]).toEqual(['dense.weight']);
  });
});

describe('fusion: one pass per parameter, scalars once', () => {
  const passes = (optimizer: Transform) =>
    applied(optimizer).plan.steps.filter(({ kernel }) => kernel === 'elementwise').length;

  test('descent with momentum and decay', () => {
    expect(passes(sgd({ rate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 }))).toBe(2);
  });

  test('Adam', () => {
    expect(passes(adam())).toBe(3);
    expect(passes(adamw({ rate: warmUp(0.1, { steps: 5 }) }))).toBe(4); // the rate comes from a pass of its own
  });

  test.each([
    ['Adagrad', adagrad()],
    ['RMSProp', rmsprop({ epsilonMode: 'outside', weightDecay: 0.1 })],
    ['Adadelta', adadelta()],
  ])('%s', (_, optimizer) => expect(passes(optimizer)).toBe(2));

  test('a sum that is stored is not computed a second time behind the root', () => {
    const [label = ''] = applied(rmsprop()).plan.steps.map((step) => step.label);
    expect(
      label
        .split(' in ')[0]
        ?.split('+')
        .filter((op) => op === 'add'),
    ).toHaveLength(3); // mean square, epsilon, update
  });

  test('the norm of the gradients takes one pass per parameter more', () => {
    expect(passes(chain(clipByGlobalNorm(1), sgd({ rate: 0.1 })))).toBe(2 + 1 + 2);
  });
});

test('decay can be limited to some parameters', () => {
  const only = (match: RegExp | string | ((path: string) => boolean)) => {
    const { updates } = applied(weightDecay(0.1, { match }));
    return [...updates].filter(([, { node }]) => node.op.name === 'add').map(([path]) => path);
  };
  expect(only(/weight$/g)).toEqual(['dense.weight']);
  expect(only('dense')).toEqual(['dense.weight', 'dense.bias']);
  expect(only('dens')).toEqual([]);
  expect(only((path) => path.includes('bias'))).toEqual(['dense.bias']);
});

test('values can be found by name', () => {
  const { updates } = applied(chain(clipByGlobalNorm(1), scaleByRate(constant(0.1))));
  const names = new Set<string | undefined>();
  const visit = (value: Value): void => {
    names.add(value.name);
    for (const input of value.node.inputs) visit(input);
  };
  for (const update of updates.values()) visit(update);
  expect([...names]).toEqual(expect.arrayContaining(['gradientNorm', 'rate']));
});

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  [
    'sgd',
    () => sgd({ rate: -1 }),
    refusal('VALUE', 'scaleByRate: expected the rate to be a finite number at least 0 but got -1'),
  ],
  ['sgd', () => sgd({} as never), refusal('VALUE', 'the rate', 'undefined')],
  ['sgd', () => sgd({ lr: 1 } as never), refusal('OPTION', 'sgd: expected every option', "'lr'")],
  [
    'sgd',
    () => sgd({ rate: 1, momentum: 1 }),
    refusal('VALUE', 'momentum: expected mu to be a finite number at least 0 and below 1 but got 1'),
  ],
  ['sgd', () => sgd({ rate: 1, nesterov: true }), refusal('OPTION', 'sgd: expected nesterov to be used with momentum')],
  [
    'sgd',
    () => sgd({ rate: 1, form: 'tf' as never }),
    refusal('OPTION', "sgd: expected form to be one of notes, torch but got 'tf'"),
  ],
  ['sgd', () => sgd({ rate: 1, weightDecay: -1 }), refusal('VALUE', 'weightDecay: expected lambda')],
  ['momentum', () => momentum({ beta: 1 } as never), refusal('OPTION', "'beta'")],
  ['adam', () => adam({ beta1: 1 }), refusal('VALUE', 'scaleByAdam: expected beta1')],
  ['adam', () => adam({ beta2: -0.1 }), refusal('VALUE', 'scaleByAdam: expected beta2')],
  ['adam', () => adam({ epsilon: 0 }), refusal('VALUE', 'scaleByAdam: expected epsilon')],
  ['adam', () => adam({ eps: 1 } as never), refusal('OPTION', 'adam: expected every option', "'eps'")],
  ['adamw', () => adamw({ lr: 1 } as never), refusal('OPTION', 'adamw: expected every option', "'lr'")],
  ['scaleByAdam', () => scaleByAdam({ rate: 1 } as never), refusal('OPTION', "'rate'")],
  ['scaleByRate', () => scaleByRate(Number.NaN), refusal('VALUE', 'NaN')],
  ['weightDecay', () => weightDecay(0.1, { only: 'x' } as never), refusal('OPTION', "'only'")],
  ['clipByGlobalNorm', () => clipByGlobalNorm(0), refusal('VALUE', 'clipByGlobalNorm: expected the limit')],
  ['clipByValue', () => clipByValue(-1), refusal('VALUE', 'clipByValue: expected the limit')],
  [
    'groups',
    () => groups(adam(), { match: 'x', rate: 1 } as never),
    refusal('OPTION', 'groups: expected every option', "'rate'"),
  ],
  ['groups', () => groups(adam(), { match: 'x', rateMultiplier: -1 }), refusal('VALUE', 'rateMultiplier')],
  ['groups', () => groups(adam(), { match: 'x', freeze: true, optimizer: adam() }), refusal('OPTION', 'frozen')],
  [
    'groups',
    () => applied(groups(adam(), { match: 'conv', freeze: true })),
    refusal(
      'OPTION',
      'groups: expected every group to be one that matches some of dense.weight, dense.bias but got match conv',
    ),
  ],
  ['adagrad', () => adagrad({ eps: 1 } as never), refusal('OPTION', "'eps'")],
  ['adagrad', () => adagrad({ epsilonMode: 'in' as never }), refusal('OPTION', "one of inside, outside but got 'in'")],
  ['scaleBySquareSum', () => scaleBySquareSum({ initial: -1 }), refusal('VALUE', 'scaleBySquareSum: expected initial')],
  ['scaleBySquareSum', () => scaleBySquareSum({ rate: 1 } as never), refusal('OPTION', "'rate'")],
  ['rmsprop', () => rmsprop({ epsilon: 0 }), refusal('VALUE', 'scaleByRms: expected epsilon')],
  ['scaleByRms', () => scaleByRms({ decay: 1 }), refusal('VALUE', 'scaleByRms: expected decay')],
  ['adadelta', () => adadelta({ rho: 1 } as never), refusal('OPTION', "'rho'")],
  ['scaleByAdadelta', () => scaleByAdadelta({ decay: -1 }), refusal('VALUE', 'scaleByAdadelta: expected decay')],
  ['scaleByAdadelta', () => scaleByAdadelta({ epsilon: 0 }), refusal('VALUE', 'scaleByAdadelta: expected epsilon')],
  ['linear', () => linear({ from: 0, to: -1, steps: 1 }), refusal('VALUE', 'linear: expected to')],
  ['linear', () => linear({ from: 0, to: 1, steps: 0 }), refusal('VALUE', 'linear: expected steps')],
  ['changePoints', () => changePoints({ rate: -1, points: [] }), refusal('VALUE', 'changePoints: expected the rate')],
  [
    'changePoints',
    () =>
      changePoints({
        rate: 1,
        points: [
          [5, 1],
          [5, 2],
        ],
      }),
    refusal('VALUE', 'changePoints: expected every step to be after the one before it, 5 but got 5'),
  ],
  ['changePoints', () => changePoints({ rate: 1, points: [[0.5, 1]] }), refusal('VALUE', 'every step', '0.5')],
  ['cyclicCosine', () => cyclicCosine({ rate: 1, steps: 0 }), refusal('VALUE', 'cyclicCosine: expected steps')],
  ['cyclicCosine', () => cyclicCosine({ rate: 1, steps: 9, cycles: 0 }), refusal('VALUE', 'expected cycles')],
  ['annealedMargin', () => annealedMargin({ gamma: -1 }), refusal('VALUE', 'annealedMargin: expected gamma')],
  ['annealedMargin', () => annealedMargin({ floor: 1 } as never), refusal('OPTION', "'floor'")],
  ['byEpoch', () => byEpoch(1, { stepsPerEpoch: 0 }), refusal('VALUE', 'byEpoch: expected stepsPerEpoch')],
  [
    'adjustable',
    () => adjustable(1)(feed('step', [])),
    refusal('OPTION', 'adjustable: expected the rate to be that of an optimizer'),
  ],
  ['constant', () => constant(-1), refusal('VALUE', 'constant: expected the rate')],
  ['exponential', () => exponential({ rate: 1, decay: -1 }), refusal('VALUE', 'exponential: expected decay')],
  ['exponential', () => exponential({ rate: 1, gamma: 1 } as never), refusal('OPTION', "'gamma'")],
  ['stepwise', () => stepwise({ rate: 1, every: 0 }), refusal('VALUE', 'stepwise: expected every')],
  ['stepwise', () => stepwise({ rate: 1, every: 2, factor: 0 }), refusal('VALUE', 'stepwise: expected factor')],
  [
    'inverseTime',
    () => inverseTime({ rate: Number.NaN, decay: 1 }),
    refusal('VALUE', 'inverseTime: expected the rate'),
  ],
  ['inverseTime', () => inverseTime({ rate: 1, decay: -1 }), refusal('VALUE', 'inverseTime: expected decay')],
  ['cosine', () => cosine({ rate: 1, steps: 1.5 }), refusal('VALUE', 'cosine: expected steps')],
  ['cosine', () => cosine({ rate: 1, steps: 5, final: -1 }), refusal('VALUE', 'cosine: expected final')],
  ['warmUp', () => warmUp(1, { steps: 0 }), refusal('VALUE', 'warmUp: expected steps')],
  ['warmUp', () => warmUp(-1, { steps: 1 }), refusal('VALUE', 'warmUp: expected the rate')],
  ['warmUp', () => warmUp(1, { epochs: 1 } as never), refusal('OPTION', "'epochs'")],
];

test.each(bad)('%s refuses misuse %#', (_, build, expected) => expect(build).toThrow(expected));

/** O-03, O-15 to O-20, O-22: the printed and PyTorch's values of schedules. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constant } from '../../lib/ops/source';
import {
  annealedMargin,
  byEpoch,
  changePoints,
  constant as constantRate,
  cosine,
  cyclicCosine,
  exponential,
  inverseTime,
  linear,
  type Schedule,
  stepwise,
  warmUp,
} from '../../lib/schedules';
import { expectHand } from '../closeness';
import { numbers } from './numbers';

const at = (schedule: Schedule, ...steps: number[]) => steps.flatMap((step) => numbers(schedule(constant(step))));

test('O-03 momentum rises along a line, or by steps', () => {
  expectHand(at(linear({ from: 0.5, to: 0.9, steps: 10 }), 0, 5, 10, 99), [0.5, 0.7, 0.9, 0.9]);
  expectHand(at(linear({ from: 0.5, to: 0.99, steps: 100 }), 0, 50, 100), [0.5, 0.745, 0.99]);
  const steps = changePoints({ rate: 0.5, points: [[10, 0.9]] });
  expectHand(at(steps, 0, 9, 10, 20), [0.5, 0.5, 0.9, 0.9]);
});
test('O-15 constant', () => expectHand(at(constantRate(0.01), 0, 1000), [0.01, 0.01]));
test('O-16 stepwise', () =>
  expectHand(at(stepwise({ rate: 0.1, every: 5 }), 0, 4, 5, 10, 20), [0.1, 0.1, 0.05, 0.025, 0.00625]));
test('O-17 exponential', () =>
  expectHand(at(exponential({ rate: 0.1, decay: 0.1 }), 0, 1, 10), [0.1, 0.090484, 0.036788]));
test('O-18 1 / t', () => expectHand(at(inverseTime({ rate: 0.1, decay: 0.1 }), 0, 1, 10), [0.1, 0.090909, 0.05]));
test('O-19 cosine in cycles', () => {
  const schedule = cyclicCosine({ rate: 0.1, steps: 100, cycles: 5 });
  // printed for t = 1, 10, 11, 20, 21, counted from 1
  expectHand(at(schedule, 0, 9, 10, 19, 20), [0.1, 0.057822, 0.05, 0.000616, 0.1]);
});
test('O-20 change points begin a rate of their own', () => {
  const schedule = changePoints({
    rate: exponential({ rate: 1, decay: 0.1 }),
    points: [
      [10, 0.01],
      [20, 0.001],
    ],
  });
  expectHand(at(schedule, 0, 9, 10, 19, 20, 1000), [1, Math.exp(-0.9), 0.01, 0.01, 0.001, 0.001]);
});
test('O-22 the weight of softmax beside a margin falls to its floor', () => {
  expectHand(at(annealedMargin({ least: 5 }), 0, 100, 1000, 2000), [1000, 76.923077, 8.264463, 5]);
  expectHand(at(annealedMargin({ base: 8, gamma: 1, power: 2 }), 0, 1, 3), [8, 2, 0.5]);
});
test('cosine', () => expectHand(at(cosine({ rate: 1, steps: 10, final: 0.2 }), 0, 5, 10, 99), [1, 0.6, 0.2, 0.2]));
test('warm-up', () => expectHand(at(warmUp(1, { steps: 4 }), 0, 1, 3, 9), [0.25, 0.5, 1, 1]));
test('epochs in place of steps', () => {
  const schedule = byEpoch(stepwise({ rate: 1, every: 2 }), { stepsPerEpoch: 3 });
  expectHand(at(schedule, 0, 2, 3, 5, 6, 11, 12), [1, 1, 1, 1, 0.5, 0.5, 0.25]);
});

const { oracle, schedules } = JSON.parse(readFileSync(join(__dirname, '..', 'golden', 'optimizers.json'), 'utf8')) as {
  oracle: string;
  schedules: Record<string, number[]>;
};

test.each<[string, string, Schedule]>([
  ['O-16', 'stepwise', stepwise({ rate: 0.1, every: 5 })],
  ['O-17', 'exponential', exponential({ rate: 0.1, decay: 0.1 })],
  [
    'O-20',
    'change points',
    changePoints({
      rate: 0.1,
      points: [
        [6, 0.01],
        [11, 0.001],
        [20, 0.0001],
      ],
    }),
  ],
])(`%s %s, step by step as ${oracle}`, (_, name, schedule) => {
  const expected = schedules[name] as number[];
  expectHand(at(schedule, ...expected.keys()), expected);
});

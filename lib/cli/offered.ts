/** Optimizers, initializers and schedules by name: whatever works with the arguments at hand. */
import { expectOptions } from '../graph/errors';
import type { Initializer } from '../graph/scope';
import { isValue } from '../graph/value';
import * as initializers from '../initializers';
import { state } from '../ops/source';
import type { Transform } from '../optimizers';
import * as optimizers from '../optimizers';
import type { Rate } from '../schedules';
import * as schedules from '../schedules';
import { named, type Options, spelled } from './named';
import { answerOf, checksOptions, offered, type Table, without } from './tables';

type MakeOptimizer = (options: { rate: Rate; [option: string]: unknown }) => Transform;

/** Optimizers by name: all that take a rate and no more than options. */
export const optimizerTable: Table<MakeOptimizer> = {
  ...{ adam: optimizers.adam as MakeOptimizer, sgd: optimizers.sgd as MakeOptimizer },
  momentum: (options) => optimizers.sgd({ momentum: 0.9, ...options }),
  nesterov: (options) => optimizers.sgd({ momentum: 0.9, nesterov: true, ...options }),
  ...offered(optimizers, (make) => {
    const works = typeof make({ rate: 0.1 }) === 'function' && checksOptions(make, { rate: 0.1 });
    return works ? (make as MakeOptimizer) : undefined;
  }),
};

/** Initializers by name: all that need no arguments, and `constant`, with its number as the option `value`. */
export const initializerTable: Table<(options: Options) => Initializer> = {
  ...offered(initializers, (make, name) => {
    const key = state('key', [2], 'int32');
    const gives = (initializer: unknown): boolean => {
      const value = (initializer as Initializer)([4, 4], key);
      return isValue(value) && value.shape.join() === '4,4';
    };
    if (answerOf(() => gives(make))) return without(name, make as unknown as Initializer);
    return answerOf(() => gives(make())) ? (make as (options: Options) => Initializer) : undefined;
  }),
  constant: ({ value = 0, ...others }) => {
    expectOptions('constant', { value, ...others }, ['value']);
    return initializers.constant(value as number);
  },
};

/** What a schedule is made of. */
export interface Course {
  readonly rate: number;
  /** Of the whole training. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Epochs and rates that were given by hand. */
  readonly points: readonly (readonly [number, number])[];
}

type MakeRate = (course: Course, options: Options) => Rate;

const { stepwise, exponential, inverseTime, linear, warmUp, cosine, changePoints, adjustable } = schedules;

/** Schedules by name: these, and all that need no more than a rate and a number of steps. */
export const scheduleTable: Table<MakeRate> = {
  constant: ({ rate }, options) => without('constant', rate)(options),
  cosine: ({ rate, steps }, options) => cosine({ rate, steps, ...options }),
  ...offered(schedules, (make): MakeRate | undefined => {
    const course = { rate: 0.1, steps: 10 };
    const works = typeof make(course) === 'function' && checksOptions(make, course);
    return works ? ({ rate, steps }, options) => make({ rate, steps, ...options }) as Rate : undefined;
  }),
  stepwise: ({ rate, steps }, options) =>
    stepwise({ rate, every: Math.max(1, Math.ceil(steps / 3)), factor: 0.1, ...options }),
  exponential: ({ rate, steps }, options) => exponential({ rate, decay: Math.log(100) / steps, ...options }),
  inverseTime: ({ rate, steps }, options) => inverseTime({ rate, decay: 9 / steps, ...options }),
  linear: ({ rate, steps }, options) => linear({ from: rate, to: 0, steps, ...options }),
  warmUp: ({ rate, steps }, options) =>
    warmUp(cosine({ rate, steps }), { steps: Math.max(1, Math.ceil(steps / 20)), ...options }),
  changePoints: ({ rate, points }, options) => changePoints({ rate, points, ...options }),
  plateau: ({ rate }, options) => without('plateau', adjustable(rate))(options),
};

/** The rate that `text` spells; with the option `byEpoch` it is counted in epochs and changes between them only. */
export function rateOf(text: string, course: Course): Rate {
  const { name, options } = spelled('schedule', text);
  const { byEpoch, ...own } = options;
  const make = named('schedule', scheduleTable, name);
  if (!byEpoch) return make({ ...course, points: inSteps(course) }, own);
  const { steps, stepsPerEpoch } = course;
  const epochs = Math.max(1, Math.round(steps / stepsPerEpoch));
  return schedules.byEpoch(make({ ...course, steps: epochs, stepsPerEpoch: 1 }, own), { stepsPerEpoch });
}

const inSteps = ({ points, stepsPerEpoch }: Course) =>
  points.map(([epoch, rate]): readonly [number, number] => [epoch * stepsPerEpoch, rate]);

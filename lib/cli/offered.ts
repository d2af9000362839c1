/** Tables of what the namespaces export and the command line can offer by name: whatever works with the arguments at hand. */
import type { Initializer } from '../graph/scope';
import { Scope, Trace } from '../graph/scope';
import { isValue, type Value } from '../graph/value';
import * as initializers from '../initializers';
import * as losses from '../losses';
import type { Criterion } from '../models';
import { oneHot } from '../ops/one-hot';
import { splitKey } from '../ops/random';
import { feed, state } from '../ops/source';
import type { Transform } from '../optimizers';
import * as optimizers from '../optimizers';
import type { Rate } from '../schedules';
import * as schedules from '../schedules';

type Table<T> = Readonly<Record<string, T>>;
type Anything = (...given: unknown[]) => unknown;

/** What `attempt` gives; undefined where it throws. */
function answerOf<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined; // what does not work with these arguments is not offered
  }
}

/** The functions among `exported` that `accept` turns into an entry; asynchronous ones make nothing that training could use. */
const offered = <T>(exported: object, accept: (make: Anything, name: string) => T | undefined): Table<T> =>
  Object.fromEntries(
    Object.entries(exported).flatMap(([name, make]) => {
      const isMaker = typeof make === 'function' && make.constructor.name !== 'AsyncFunction';
      const entry = isMaker ? answerOf(() => accept(make as Anything, name)) : undefined;
      return entry === undefined ? [] : [[name, entry]];
    }),
  );

/** True when `make` refuses options that it does not know, as every maker of options does. */
const checksOptions = (make: Anything, options: object): boolean =>
  answerOf(() => make({ ...options, 'no such option': 1 }) ?? true) === undefined;

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

const classes = 3;

/** True when `criterion` gives one number per example of logits and `target`. */
function isCriterion(criterion: Criterion, target: Value): boolean {
  const trace = new Trace({ state, nextKey: splitKey }, true, state('key', [2], 'int32'));
  const result = criterion(feed('logits', [2, classes]), target, new Scope(trace));
  return isValue(result) && result.dtype === 'float32' && result.shape.join() === '2';
}

/** The loss of class labels by `make()`: as it is, or of targets that are 1 for the right class and 0 for the others. */
function ofLabels(make: Anything): (() => Criterion) | undefined {
  const labels = feed('labels', [2], 'int32');
  const direct = make as () => Criterion;
  if (answerOf(() => isCriterion(direct(), labels))) return direct;
  const spread = (): Criterion => {
    const criterion = direct();
    return (prediction, target, scope) =>
      criterion(prediction, oneHot(target as Value, (prediction as Value).shape.at(-1) as number), scope);
  };
  return answerOf(() => isCriterion(spread(), labels)) ? spread : undefined;
}

/** Losses by name: all that take logits and class labels, or one-hot targets, without more arguments. */
export const lossTable: Table<() => Criterion> = offered(losses, (make) => ofLabels(make));

/** Initializers by name: all that need no arguments. */
export const initializerTable: Table<Initializer> = offered(initializers, (make) => {
  const key = state('key', [2], 'int32');
  const gives = (initializer: unknown): boolean => {
    const value = (initializer as Initializer)([4, 4], key);
    return isValue(value) && value.shape.join() === '4,4';
  };
  if (answerOf(() => gives(make))) return make as unknown as Initializer;
  return answerOf(() => gives(make())) ? (make() as Initializer) : undefined;
});

/** What a schedule is made of. */
export interface Course {
  readonly rate: number;
  /** Of the whole training. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Steps and rates that were given by hand. */
  readonly points: readonly (readonly [number, number])[];
}

/** Schedules by name: these, and all that need no more than a rate and a number of steps. */
export const scheduleTable: Table<(course: Course) => Rate> = {
  constant: ({ rate }) => rate,
  cosine: ({ rate, steps }) => schedules.cosine({ rate, steps }),
  ...offered(schedules, (make) => {
    const course = { rate: 0.1, steps: 10 };
    const works = typeof make(course) === 'function' && checksOptions(make, course);
    return works ? ({ rate, steps }: Course) => make({ rate, steps }) as Rate : undefined;
  }),
  stepwise: ({ rate, steps }) => schedules.stepwise({ rate, every: Math.max(1, Math.ceil(steps / 3)), factor: 0.1 }),
  exponential: ({ rate, steps }) => schedules.exponential({ rate, decay: Math.log(100) / steps }),
  inverseTime: ({ rate, steps }) => schedules.inverseTime({ rate, decay: 9 / steps }),
  linear: ({ rate, steps }) => schedules.linear({ from: rate, to: 0, steps }),
  warmUp: ({ rate, steps }) =>
    schedules.warmUp(schedules.cosine({ rate, steps }), { steps: Math.max(1, Math.ceil(steps / 20)) }),
  changePoints: ({ rate, points }) => schedules.changePoints({ rate, points }),
  plateau: ({ rate }) => schedules.adjustable(rate),
};

/** How `convolt train` trains: loss, optimizer, schedule, penalties and limits from its options. */
import { complaint, expect } from '../graph/errors';
import type { Criterion } from '../models';
import { chain, clipByGlobalNorm, clipByValue, type Transform } from '../optimizers';
import { combine, l1, l2, maxNorm, type Regularizer, softThreshold } from '../regularizers';
import { linear, type Rate } from '../schedules';
import { named, spelled } from './named';
import { optimizerTable, rateOf } from './offered';
import { lossTable } from './offered-losses';

/** Options of the recipe; what is absent is left at its default. */
export interface RecipeOptions {
  readonly loss?: string;
  readonly optimizer?: string;
  readonly rate?: number;
  readonly schedule?: string;
  /** `epoch:rate,...` for the schedule `changePoints`. */
  readonly points?: readonly (readonly [number, number])[];
  /** One number, or the first and the last of a line. */
  readonly momentum?: readonly number[];
  readonly nesterov?: boolean;
  readonly epsilonMode?: string;
  readonly weightDecay?: number;
  readonly clipNorm?: number;
  readonly clipValue?: number;
  readonly l1?: number;
  readonly l2?: number;
  readonly maxNorm?: number;
  readonly softThreshold?: number;
}

export interface Recipe {
  readonly loss: Criterion;
  readonly optimizer: Transform;
  readonly regularizer?: Regularizer;
}

const weights = /weight$/;

/** `0.9`, or a line from one momentum to another over the whole training. */
function momentumOf([from, to]: readonly number[], steps: number): Rate {
  return to === undefined ? (from as number) : linear({ from: from as number, to, steps });
}

function optimizerOf(options: RecipeOptions, rate: Rate, steps: number): Transform {
  const { optimizer = 'adam', momentum, nesterov, epsilonMode, weightDecay, clipNorm, clipValue } = options;
  const own = { momentum: momentum && momentumOf(momentum, steps), nesterov, epsilonMode, weightDecay };
  const given = Object.entries(own).filter(([, value]) => value !== undefined);
  const { name, options: spelledOut } = spelled('optimizer', optimizer);
  const { softThreshold: lambda } = options;
  const stages = [
    ...(clipNorm === undefined ? [] : [clipByGlobalNorm(clipNorm)]),
    ...(clipValue === undefined ? [] : [clipByValue(clipValue)]),
    named('optimizer', optimizerTable, name)({ rate, ...Object.fromEntries(given), ...spelledOut }),
    ...(lambda === undefined ? [] : [softThreshold({ lambda, rate })]),
    ...(options.maxNorm === undefined ? [] : [maxNorm({ c: options.maxNorm })]),
  ];
  return stages.length === 1 ? (stages[0] as Transform) : chain(...stages);
}

/** What a recipe is made for. */
export interface Extent {
  /** Of the whole training. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Default 10. */
  readonly classes?: number;
}

/** The recipe for a training of so many steps. */
export function recipeOf(options: RecipeOptions, { classes = 10, ...length }: Extent): Recipe {
  const { loss = 'crossEntropy', schedule = 'constant', rate = 0.001, points = [] } = options;
  expect(!schedule.startsWith('changePoints') || points.length > 0, 'OPTION', () => ({
    where: 'train',
    what: '--points',
    expected: 'given for the schedule changePoints, as epoch:rate,...',
    actual: 'nothing',
  }));
  const course = rateOf(schedule, { rate, points, ...length });
  const objective = spelled('loss', loss);
  const penalties = [
    ...(options.l1 === undefined ? [] : [l1({ lambda: options.l1, match: weights })]),
    ...(options.l2 === undefined ? [] : [l2({ lambda: options.l2, match: weights })]),
  ];
  const [first, ...others] = penalties;
  return {
    loss: named('loss', lossTable, objective.name).make(objective.options, classes),
    optimizer: optimizerOf(options, course, length.steps),
    ...(first && { regularizer: combine(first, ...others) }),
  };
}

/** `5:0.01,8:0.001` as pairs of epoch and rate. */
export function pointsOf(text: string): readonly (readonly [number, number])[] {
  return text.split(',').map((pair) => {
    const [epoch, rate] = pair.split(':').map(Number) as [number, number | undefined];
    if (Number.isInteger(epoch) && rate !== undefined && rate >= 0) return [epoch, rate];
    throw complaint('OPTION', { where: 'train', what: '--points', expected: 'epoch:rate,...', actual: `'${text}'` });
  });
}

/** `0.9` or `0.5..0.99`. */
export function momentaOf(text: string): readonly number[] {
  const numbers = text.split('..').map(Number);
  if (numbers.length <= 2 && numbers.every((number) => number >= 0 && number < 1)) return numbers;
  const expected = 'a number from 0 to below 1, or two as 0.5..0.9';
  throw complaint('OPTION', { where: 'train', what: '--momentum', expected, actual: `'${text}'` });
}

/** What `convolt train` reaches by name: optimizers, losses, schedules, initializers, penalties and limits. */

import { data, evaluate, fit, initializers, metrics, mlp, Session } from '../../lib';
import { initializerTable, optimizerTable, scheduleTable } from '../../lib/cli/offered';
import { lossTable } from '../../lib/cli/offered-losses';
import { momentaOf, pointsOf, type RecipeOptions, recipeOf } from '../../lib/cli/recipe';
import { suggestion } from '../../lib/graph/nearest-name';
import { reinitialize } from '../../lib/models/reinitialize';
import { constant } from '../../lib/ops/source';
import { numbers } from '../catalogue/numbers';
import { refusal } from '../io/refusal';

const length = { steps: 30, stepsPerEpoch: 3 };

describe('tables made of the namespaces', () => {
  test('optimizers, without stages and helpers', () => {
    expect(Object.keys(optimizerTable)).toEqual(
      expect.arrayContaining(['adam', 'sgd', 'momentum', 'nesterov', 'adagrad', 'adadelta', 'rmsprop', 'adamw']),
    );
    for (const name of ['chain', 'groups', 'lbfgs', 'scaleByAdam', 'clipByGlobalNorm']) {
      expect(optimizerTable).not.toHaveProperty(name);
    }
  });

  test('losses of class labels', () => {
    expect(Object.keys(lossTable)).toEqual(
      expect.arrayContaining(['crossEntropy', 'hinge', 'ramp', 'squaredError', 'absoluteError', 'binaryCrossEntropy']),
    );
    for (const name of ['reduceLoss', 'sequenceCrossEntropy', 'psi']) expect(lossTable).not.toHaveProperty(name);
  });

  test('initializers without arguments, and the constant', () => {
    expect(Object.keys(initializerTable)).toEqual(
      expect.arrayContaining(['heNormal', 'heUniform', 'xavierNormal', 'xavierUniform', 'zeros']),
    );
    expect(initializerTable).toHaveProperty('constant');
  });

  test('schedules: all names give a rate at the first and at the last step', () => {
    const names = ['constant', 'cosine', 'cyclicCosine', 'stepwise', 'exponential', 'inverseTime', 'linear', 'warmUp'];
    expect(Object.keys(scheduleTable)).toEqual(expect.arrayContaining([...names, 'changePoints', 'plateau']));
    for (const name of names) {
      const course = { rate: 0.1, points: [], ...length };
      const rate = scheduleTable[name]?.(course, {}) as
        | Exclude<ReturnType<(typeof scheduleTable)[string]>, number>
        | number;
      const at = (step: number) => (typeof rate === 'number' ? rate : (numbers(rate(constant(step)))[0] as number));
      expect(at(0)).toBeGreaterThan(0);
      expect(at(0)).toBeLessThanOrEqual(0.1 + 1e-6);
      expect(at(30)).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('a training by names', () => {
  const { train, test: unseen } = data.digitsSplit();
  const small = data.take(train, 320);
  const accuracyOf = async (options: RecipeOptions) => {
    const recipe = recipeOf(options, { steps: 60, stepsPerEpoch: 10 });
    const session = new Session(mlp({ hidden: [32] }), { ...recipe, metrics: { accuracy: metrics.accuracy() } });
    await fit(session, small, { epochs: 6, reduceOnPlateau: options.schedule === 'plateau' ? {} : undefined });
    const { accuracy } = await evaluate(session, unseen);
    session.dispose();
    return accuracy as number;
  };

  const ofLogits = Object.keys(lossTable).filter((name) => !lossTable[name]?.head);
  test.each(ofLogits)('--loss %s runs', async (loss) => {
    expect(await accuracyOf({ loss, rate: 0.01 })).toBeGreaterThan(0.05);
  });

  test.each(Object.keys(optimizerTable))('--optimizer %s runs', async (optimizer) => {
    const rate = /adadelta/.test(optimizer) ? 1 : 0.01;
    expect(await accuracyOf({ optimizer, rate })).toBeGreaterThan(0.15);
  });

  test('everything at once', async () => {
    const limits = { clipNorm: 5, clipValue: 1, l1: 1e-5, l2: 1e-4, maxNorm: 4, weightDecay: 1e-5 };
    const own = { optimizer: 'sgd', rate: 0.05, momentum: [0.5, 0.9], nesterov: true, schedule: 'plateau' };
    expect(await accuracyOf({ ...limits, ...own })).toBeGreaterThan(0.7);
    expect(await accuracyOf({ schedule: 'changePoints', rate: 0.01, points: [[3, 0.001]] })).toBeGreaterThan(0.7);
  });

  test('--init draws weights anew, by the seed', async () => {
    const session = new Session(mlp({ hidden: [32] }), { seed: 5 });
    await session.run(small.input);
    const drawn = async () => {
      await reinitialize(session, initializers.xavierUniform());
      return [...session.read('dense.weight').data];
    };
    const first = await drawn();
    expect(await drawn()).toEqual(first);
    const bound = Math.sqrt(6 / (64 + 32));
    expect(Math.max(...first.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(Math.max(...first.map(Math.abs))).toBeGreaterThan(0.95 * bound);
    await expect(reinitialize(session, initializers.zeros, 'conv')).rejects.toThrow(refusal('STATE', 'reinitialize'));
    session.dispose();
  });
});

test('the nearest name is told', () => {
  const names = Object.keys(optimizerTable);
  expect(suggestion('adm', names)).toBe("; did you mean 'adam'?");
  expect(suggestion('RMSprop', names)).toBe("; did you mean 'rmsprop'?");
  expect(suggestion('qqqqqqqqqq', names)).toBe('');
});

test('lists and ranges', () => {
  expect(pointsOf('5:0.01,8:0.001')).toEqual([
    [5, 0.01],
    [8, 0.001],
  ]);
  expect(momentaOf('0.9')).toEqual([0.9]);
  expect(momentaOf('0.5..0.99')).toEqual([0.5, 0.99]);
});

test.each<[() => unknown, ReturnType<typeof refusal>]>([
  [() => recipeOf({ optimizer: 'adm' }, length), refusal('OPTION', '--optimizer', "'adm'; did you mean 'adam'?")],
  [() => recipeOf({ loss: 'crosEntropy' }, length), refusal('OPTION', "did you mean 'crossEntropy'?")],
  [() => recipeOf({ schedule: 'cos' }, length), refusal('OPTION', '--schedule', "'cos'")],
  [() => recipeOf({ schedule: 'changePoints' }, length), refusal('OPTION', '--points')],
  [() => recipeOf({ optimizer: 'adam', momentum: [0.9] }, length), refusal('OPTION', 'adam', "'momentum'")],
  [() => pointsOf('5'), refusal('OPTION', '--points', "'5'")],
  [() => momentaOf('2'), refusal('OPTION', '--momentum', "'2'")],
])('misuse is refused %#', (run, expected) => expect(run).toThrow(expected));

/** Everything that the language exports is offered by the command line, or named here with the reason why not. */
import {
  data,
  fit,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  regularizers,
  Session,
  schedules,
} from '../../lib';
import { made, spelled } from '../../lib/cli/named';
import { logitsOf, makeModel, modelNames, type NetworkOptions, showsFeatures } from '../../lib/cli/network';
import { initializerTable, optimizerTable, rateOf, scheduleTable } from '../../lib/cli/offered';
import { activationTable, normTable } from '../../lib/cli/offered-layers';
import { lossTable } from '../../lib/cli/offered-losses';
import { type RecipeOptions, recipeOf } from '../../lib/cli/recipe';
import { Scope } from '../../lib/graph/scope';
import { isValue, type Value } from '../../lib/graph/value';
import { constant, feed } from '../../lib/ops/source';
import { numbers } from '../catalogue/numbers';
import { refusal } from '../io/refusal';
import { newTrace, traced } from '../pure/tracing';

/** Names that no option needs, by reason. */
const reasons: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  losses: {
    'puts losses together': ['composite', 'head', 'weighted', 'reduceLoss', 'pairsWithinBatch', 'tripletsWithinBatch'],
    'makes targets': ['gaussianLabels', 'gaussianPairLabels', 'scoredLabels'],
    'explains losses': ['psi', 'recommendLoss', 'sigmoidSlopes', 'hingeForms'],
    'is of sequences': ['sequenceCrossEntropy'],
  },
  optimizers: {
    'is a stage of those offered': ['scaleByAdam', 'scaleByAdadelta', 'scaleBySquareSum', 'scaleByRms', 'scaleByRate'],
    'has an option of its own': ['clipByGlobalNorm', 'clipByValue', 'weightDecay'],
    'puts stages together': ['chain', 'groups'],
    'minimises a function of few numbers, without batches': ['bfgs', 'lbfgs'],
  },
  schedules: {
    'is the schedule plateau': ['adjustable'],
    'is an option of every schedule': ['byEpoch'],
    'is of the margins of lSoftmax and aSoftmax': ['annealedMargin'],
  },
  initializers: {},
  regularizers: {
    'has an option of its own': ['l1', 'l2', 'maxNorm', 'softThreshold'],
    'is --l1 with --l2': ['elasticNet'],
    'puts penalties together': ['combine'],
  },
};

const tables = {
  losses: [losses, lossTable],
  optimizers: [optimizers, optimizerTable],
  schedules: [schedules, scheduleTable],
  initializers: [initializers, initializerTable],
  regularizers: [regularizers, {}],
} as const;

test.each(Object.keys(tables) as (keyof typeof tables)[])(
  'every name of %s is offered or has a reason',
  (namespace) => {
    const [exported, table] = tables[namespace];
    const excused = Object.values(reasons[namespace] ?? {}).flat();
    const missing = Object.keys(exported).filter((name) => !(name in table) && !excused.includes(name));
    expect(missing).toEqual([]);
    expect(excused.filter((name) => !(name in exported) || name in table)).toEqual([]);
  },
);

test('every layer that needs no arguments and keeps the shape is offered or has a reason', () => {
  const others = ['dropout', 'rescale', 'tap', 'zeroPad', 'reflectPad', 'replicatePad']; // no activations or normalisations
  const x = feed('x', [16, 4, 4, 8]);
  const keeping = Object.entries(layers).filter(([, make]) => {
    try {
      const { y } = traced((make as () => layers.Layer)(), x);
      return isValue(y) && y.shape.join() === x.shape.join() && y.dtype === 'float32';
    } catch {
      return false;
    }
  });
  const missing = keeping.map(([name]) => name).filter((name) => !(name in activationTable) && !(name in normTable));
  expect(missing.filter((name) => !others.includes(name))).toEqual([]);
  expect(keeping.length).toBeGreaterThan(15);
});

describe('networks', () => {
  const traces = (options: NetworkOptions) => {
    const trace = newTrace();
    const y = logitsOf(makeModel(options, 7, { dtype: 'float32' }))(feed('x', [16, 28, 28, 1]), new Scope(trace));
    return { y: y as Value, paths: [...trace.declarations.keys()], penalties: trace.penalties.length };
  };

  test.each(modelNames)(
    '%s drops activations, and takes another normalisation',
    (model) => {
      const { y, paths } = traces({ model, dropout: 0.3, norm: 'l2Normalize:scale=20' });
      expect(y.shape).toEqual([16, 7]);
      expect(paths.some((path) => path.endsWith('l2Normalize.scale'))).toBe(true);
      expect(paths.some((path) => path.includes('batchNorm'))).toBe(false);
    },
    20_000,
  );

  test.each(modelNames.filter((name) => name !== 'biRealResnet18'))(
    '%s takes another activation',
    (model) => {
      const { paths, penalties } = traces({ model, activation: 'prelu:slope=0.1', activity: 1e-4 });
      expect(paths.filter((path) => path.endsWith('.slope'))).toHaveLength(penalties);
      expect(penalties).toBeGreaterThan(0);
    },
    20_000,
  );

  test('misuse is refused', () => {
    const refused: [NetworkOptions, ReturnType<typeof refusal>][] = [
      [{ model: 'mlpp' }, refusal('OPTION', "did you mean 'mlp'?")],
      [{ model: 'mlp', activation: 'tahn' }, refusal('OPTION', '--activation', "did you mean 'tanh'?")],
      [{ model: 'mlp', activation: 'relu:slope=1' }, refusal('OPTION', 'relu', "'slope'")],
      [{ model: 'mlp', activation: 'leakyRelu:slop=1' }, refusal('OPTION', "did you mean 'slope'?")],
      [{ model: 'cnn', norm: 'batchnorm' }, refusal('OPTION', '--norm', "did you mean 'batchNorm'?")],
      [{ model: 'biRealResnet18', activation: 'elu' }, refusal('OPTION', '--activation', 'biRealResnet18')],
      [{ model: 'biRealResnet18', activity: 1 }, refusal('OPTION', '--activity', 'biRealResnet18')],
      [{ model: 'cnn', dropout: 1 }, refusal('VALUE', '--dropout')],
      [{ model: 'cnn', loss: 'centreLoss' }, refusal('OPTION', "did you mean 'centerLoss'?")],
    ];
    for (const [options, expected] of refused) {
      expect(() => makeModel(options, 10, { dtype: 'float32' })).toThrow(expected);
    }
  });
});

describe('trainings', () => {
  const small = data.take(data.digitsSplit().train, 128);
  const lossAfter = async (options: RecipeOptions & Partial<NetworkOptions>) => {
    const model = makeModel({ model: 'mlp', ...options }, 10, { dtype: 'float32' });
    const right = showsFeatures(options) ? losses.head('logits', metrics.accuracy()) : metrics.accuracy();
    const recipe = recipeOf({ rate: 0.01, ...options }, { steps: 12, stepsPerEpoch: 4 });
    const session = new Session(model, { ...recipe, metrics: { accuracy: right } });
    const history = await fit(session, small, { epochs: 3 });
    session.dispose();
    return history.epochs.map(({ training }) => training.loss);
  };

  const all = [
    ...Object.keys(activationTable).map((activation) => ({ activation })),
    ...Object.keys(normTable).map((norm) => ({ norm })),
  ];

  test.each(all)('%j', async (options) => {
    const found = await lossAfter(options);
    expect(found.every(Number.isFinite)).toBe(true);
    expect(new Set(found).size).toBe(3);
  });

  test.each([
    'lSoftmax:margin=3',
    'aSoftmax:gamma=1.2,least=5',
    'amSoftmax:margin=0.2,scale=16',
    'centerLoss:rate=0.3',
  ])('--loss %s', async (loss) => {
    const [first, , last] = (await lossAfter({ loss, features: 16 })) as [number, number, number];
    expect(last).toBeLessThan(first);
  });

  test('what a loss does not know is refused', () => {
    const recipe = (loss: string) => () => recipeOf({ loss }, { steps: 1, stepsPerEpoch: 1 });
    expect(recipe('angularLoss:form=pairs')).toThrow(refusal('OPTION', 'angularLoss', "'form'"));
    expect(recipe('amSoftmax:margn=1')).toThrow(refusal('OPTION', "did you mean 'margin'?"));
    expect(recipe('centerLoss:weight=-1')).toThrow(refusal('VALUE', 'the weight'));
  });

  test('--soft-threshold gives exact zeros, and follows a rate that plateaus', async () => {
    const { optimizer } = recipeOf(
      { optimizer: 'sgd:momentum=0.5', rate: 0.1, schedule: 'plateau', softThreshold: 0.05 },
      { steps: 12, stepsPerEpoch: 4 },
    );
    const model = makeModel({ model: 'mlp' }, 10, { dtype: 'float32' });
    const session = new Session(model, { loss: losses.crossEntropy(), optimizer });
    await fit(session, small, { epochs: 3 });
    const weights = [...session.read('dense.weight').data];
    expect(weights.filter((w) => w === 0).length).toBeGreaterThan(weights.length / 10);
    session.dispose();
  });
});

test('options behind a name', () => {
  expect(spelled('activation', 'elu')).toEqual({ name: 'elu', options: {} });
  expect(spelled('norm', 'batchNorm:momentum=null,affine=false')).toEqual({
    name: 'batchNorm',
    options: { momentum: null, affine: false },
  });
  expect(spelled('loss', 'hinge:form=westonWatkins,margin=2').options).toEqual({ form: 'westonWatkins', margin: 2 });
  for (const wrong of ['elu:', 'elu:alpha', 'elu:alpha=', 'elu:alpha=1=2', 'elu:=1']) {
    expect(() => spelled('activation', wrong)).toThrow(refusal('OPTION', '--activation', `'${wrong}'`));
  }
  const key = constant({ dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) });
  expect(numbers(made('init', initializerTable, 'constant:value=0.5')([2], key))).toEqual([0.5, 0.5]);
  expect(() => made('init', initializerTable, 'zeros:value=1')).toThrow(refusal('OPTION', 'zeros', "'value'"));
});

test('a schedule may go by epochs', () => {
  const rate = rateOf('stepwise:every=2,factor=0.5,byEpoch=true', {
    rate: 1,
    steps: 40,
    stepsPerEpoch: 10,
    points: [],
  });
  const at = (step: number) => (typeof rate === 'number' ? rate : numbers(rate(constant(step)))[0]);
  expect([0, 19, 20, 39].map(at)).toEqual([1, 1, 0.5, 0.5]);
});

/** T-07 to T-09, T-13: what curves of loss and accuracy tell, on scripted curves and on real trainings. */
import {
  advise,
  data,
  diagnoseFit,
  diagnoseLoss,
  fit,
  layers,
  losses,
  metrics,
  mlp,
  optimizers,
  Session,
  showAdvice,
  showDiagnosis,
  tensor,
} from '../../lib';
import { hostUniform } from '../../lib/graph/philox';
import type { EpochReport } from '../../lib/models';
import { refusal } from '../io/refusal';

const curve = (length: number, at: (i: number) => number) => Array.from({ length }, (_, i) => at(i));

describe('T-08 learning rate and loss', () => {
  test.each([
    ['explode', (i: number) => 2.3 * 2 ** i],
    ['stalls', (i: number) => 2.3 * Math.exp(-i) + 0.8],
    ['slow', (i: number) => 2.3 - 0.01 * i],
    ['good', (i: number) => 2.3 * Math.exp(-i / 8)],
  ])('30 values of a scripted curve: %s', (verdict, at) => {
    const found = diagnoseLoss(curve(30, at));
    expect(found.verdict).toBe(verdict);
    expect(found.advice.length > 0).toBe(verdict !== 'good');
    expect(showDiagnosis(found)).toMatch(new RegExp(`^${verdict}: .*\\d`));
  });

  test('not a number explodes; thresholds can be chosen', () => {
    expect(diagnoseLoss([2, 1, Number.NaN]).verdict).toBe('explode');
    expect(diagnoseLoss([1, 2.5, 1]).verdict).not.toBe('explode');
    expect(diagnoseLoss([1, 2.5, 1], { rise: 2 }).verdict).toBe('explode');
    expect(diagnoseLoss([1, 0.5, 0.2], { first: [1, 9] }).verdict).toBe('explode');
  });

  test.each([
    [100, 'explode'],
    [1e-5, 'slow'],
    [0.05, 'good'],
  ])('a small network on the digits at a rate of %p: %s', async (rate, verdict) => {
    const session = new Session(mlp({ hidden: [32] }), {
      loss: losses.crossEntropy(),
      optimizer: optimizers.sgd({ rate }),
      onNotFinite: 'continue',
    });
    const told: string[] = [];
    const { train } = data.digitsSplit();
    const history = await fit(session, train, { epochs: 6, onAdvice: (found) => told.push(found.verdict) });
    session.dispose();
    const curveOfLoss = history.epochs.map(({ training }) => training.loss as number);
    expect(history.firstLosses).toHaveLength(20);
    expect(diagnoseLoss(curveOfLoss, { first: history.firstLosses }).verdict).toBe(verdict);
    expect(told.includes(verdict)).toBe(verdict !== 'good');
  });
});

describe('T-07 a rate that is too large is found in the first batches', () => {
  const descent = (bend: number, rate: number) => {
    let x = 1;
    return curve(20, () => {
      const loss = (bend * x * x) / 2;
      x -= rate * bend * x;
      return loss;
    });
  };

  test.each([0.1, 1, 10])('f = L x^2 / 2 with L = %p: below 2 / L it converges, above it is flagged', (bend) => {
    for (const share of [0.5, 1.5, 1.9]) expect(diagnoseLoss(descent(bend, share / bend)).verdict).not.toBe('explode');
    for (const share of [2.1, 2.5, 4]) expect(diagnoseLoss(descent(bend, share / bend)).verdict).toBe('explode');
  });

  test('fit stops and advises', async () => {
    const told: string[] = [];
    const session = new Session(mlp({ hidden: [32] }), {
      loss: losses.crossEntropy(),
      optimizer: optimizers.sgd({ rate: 30 }),
    });
    const training = fit(session, data.digitsSplit().train, {
      stopOnRise: true,
      batchSize: 4,
      onAdvice: (d) => told.push(d.verdict),
    });
    await expect(training).rejects.toMatchObject({ message: expect.stringMatching(/rises|not finite|finite/) });
    expect(told).toContain('explode');
    session.dispose();
  });
});

describe('T-09 accuracy on training and validation data', () => {
  test.each([
    ['overfit', (i: number) => Math.min(1, 0.5 + 0.02 * i), (i: number) => 0.7 - 0.003 * i],
    ['overfit', () => 1, (i: number) => (i === 10 ? 0.8 : 0.76)],
    ['underfit', (i: number) => 0.5 + 0.001 * i, (i: number) => 0.5 + 0.001 * i],
    ['ok', (i: number) => 0.95 + 0.001 * i, (i: number) => 0.94 + 0.001 * i],
  ])('scripted curves: %s', (verdict, training, validation) => {
    const found = diagnoseFit({ training: curve(30, training), validation: curve(30, validation), target: 0.9 });
    expect(found.verdict).toBe(verdict);
    expect(found.advice.length > 0).toBe(verdict !== 'ok');
  });

  const accuracies = async (
    session: Session,
    train: data.Dataset,
    validation: data.Dataset,
    epochs: number,
    batchSize: number,
  ) => {
    const history = await fit(session, train, { epochs, batchSize, validation });
    session.dispose();
    const of = (part: 'training' | 'validation') => history.epochs.map((report) => report[part]?.accuracy as number);
    return { training: of('training'), validation: of('validation'), target: 0.9 };
  };
  const options = (optimizer: optimizers.Transform) => ({
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer,
    seed: 3,
  });

  test('100 digits, two fifths of them with random labels, are learnt by heart', async () => {
    const { train, validation } = data.digitsSplit();
    const few = data.take(train, 100);
    const draws = hostUniform([7, 7], 200);
    const labels = Int32Array.from(few.target.data, (label, i) =>
      (draws[i] as number) < 0.4 ? Math.floor(10 * (draws[100 + i] as number)) : label,
    );
    const noisy = { ...few, target: tensor(labels) };
    const session = new Session(mlp({ hidden: [256] }), options(optimizers.adam({ rate: 0.003 })));
    const found = await accuracies(session, noisy as data.Dataset, validation, 200, 20);
    expect(found.training.at(-1)).toBeGreaterThan(0.98);
    expect(diagnoseFit(found).verdict).toBe('overfit');
  });

  test('a linear model cannot tell the quadrants apart', async () => {
    /** The middles of the squares of a grid: as many points in each quadrant. */
    const quadrants = (side: number) => {
      const at = (i: number) => (2 * i + 1) / side - 1;
      const points = Array.from({ length: side * side }, (_, i) => [at(i % side), at(Math.floor(i / side))] as const);
      const labels = Int32Array.from(points, ([x, y]) => Number(x * y > 0));
      return data.dataset(tensor(points.flat(), [side * side, 2]), tensor(labels), { classes: 2 });
    };
    const session = new Session(layers.dense(2), options(optimizers.sgd({ rate: 0.05 })));
    expect(diagnoseFit(await accuracies(session, quadrants(20), quadrants(30), 40, 400)).verdict).toBe('underfit');
  });
});

describe('T-13 the advisor', () => {
  const report = (epoch: number, [loss, training, validation]: readonly [number, number, number]): EpochReport => ({
    epoch,
    training: { loss, accuracy: training },
    validation: { loss, accuracy: validation },
    seconds: 1,
    best: false,
  });
  const history = (at: (i: number) => readonly [number, number, number]) => ({
    epochs: Array.from({ length: 30 }, (_, i) => report(i + 1, at(i))),
  });
  const actions = (at: (i: number) => readonly [number, number, number], options = {}) =>
    advise(history(at), { target: 0.9, ...options }).map(({ action }) => action);

  test('bad on the training data: loss, batch size, activation, learning rate', () => {
    const found = advise(
      history((i) => [2.3 - 0.01 * i, 0.2, 0.2]),
      { batchSize: 4, gradients: { verdict: 'vanishing', evidence: 'a ratio of 1e-5', advice: ['relu'] } },
    );
    expect(found.map(({ action }) => action)).toEqual([
      'loss function',
      'batch size',
      'activation function',
      'learning rate',
    ]);
    expect(found.map(({ evidence }) => evidence)).toEqual([
      'training ends at 20.0 %',
      '4 examples per step',
      'a ratio of 1e-5',
      expect.stringContaining('slow'),
    ]);
    expect(showAdvice(found[1] as (typeof found)[number])).toBe(
      'batch size: use 32 to 256 examples per step (4 examples per step)',
    );
  });

  test('good there, bad on the validation data: stop early, regularise, drop out, another structure', () => {
    const at = (i: number) => [2.3 * Math.exp(-i / 4), Math.min(1, 0.5 + 0.03 * i), 0.7 - 0.004 * i] as const;
    expect(actions(at)).toEqual(['early stopping', 'regularisation', 'dropout', 'structure']);
  });

  test('nothing when both are good', () => {
    expect(actions((i) => [2.3 * Math.exp(-i / 4), 0.99, 0.97])).toEqual([]);
  });
});

test.each<[() => unknown, ReturnType<typeof refusal>]>([
  [() => diagnoseLoss([1]), refusal('DATA', 'diagnoseLoss: expected the number of losses to be 2 or more but got 1')],
  [() => diagnoseLoss([1, 2], { rise: 0 }), refusal('VALUE', 'diagnoseLoss: expected rise')],
  [() => diagnoseLoss([1, 2], { steep: 1 } as never), refusal('OPTION', "'steep'")],
  [
    () => diagnoseFit({ training: [1], validation: [], target: 0.5 }),
    refusal('DATA', 'diagnoseFit: expected the curves'),
  ],
  [() => diagnoseFit({ training: [1], validation: [1], target: 2 }), refusal('VALUE', 'the target')],
  [() => advise({ epochs: [] }), refusal('DATA', 'advise: expected the number of epochs')],
])('misuse is refused %#', (run, expected) => expect(run).toThrow(expected));

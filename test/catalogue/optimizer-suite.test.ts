/** O-14: every optimizer trains a small network on the digits; O-21: a rate that falls on a plateau, as PyTorch's does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  data,
  evaluate,
  fit,
  io,
  losses,
  metrics,
  mlp,
  optimizers,
  ReduceOnPlateau,
  Session,
  schedules,
} from '../../lib';
import type { Transform } from '../../lib/optimizers';
import { refusal } from '../io/refusal';

const { adadelta, adagrad, adam, rmsprop, sgd } = optimizers;
const { train, validation, test: unseen } = data.digitsSplit();

describe('O-14 behaviour', () => {
  // PyTorch under the same recipe: between 0.944 and 0.969.
  test.each<[string, Transform]>([
    ['descent', sgd({ rate: 0.1 })],
    ['momentum', sgd({ rate: 0.02, momentum: 0.9 })],
    ['Nesterov', sgd({ rate: 0.02, momentum: 0.9, nesterov: true })],
    ['Adagrad', adagrad({ rate: 0.05 })],
    ['Adadelta', adadelta()],
    ['RMSProp', rmsprop({ rate: 0.003 })],
    ['Adam', adam({ rate: 0.005 })],
  ])('%s', async (_, optimizer) => {
    const options = { loss: losses.crossEntropy(), metrics: { accuracy: metrics.accuracy() }, optimizer, seed: 1 };
    const session = new Session(mlp({ hidden: [32] }), options);
    await fit(session, train, { epochs: 20, batchSize: 32 });
    expect((await evaluate(session, unseen)).accuracy).toBeGreaterThanOrEqual(0.92);
    session.dispose();
  });
});

interface Golden {
  readonly oracle: string;
  readonly metrics: readonly number[];
  readonly plateaus: Readonly<Record<string, { options: Record<string, number | string>; rates: readonly number[] }>>;
}

const golden: Golden = JSON.parse(readFileSync(join(__dirname, '..', 'golden', 'optimizers.json'), 'utf8'));

describe('O-21 a plateau', () => {
  const ours = ({ threshold_mode, min_lr, ...rest }: Record<string, number | string>) => ({
    ...rest,
    ...(threshold_mode ? { thresholdMode: 'absolute' as const } : {}),
    least: min_lr ? (min_lr as number) / 0.1 : 1e-7, // PyTorch makes no change below 1e-8
  });

  test.each(Object.entries(golden.plateaus))(`%s: the rates of ${golden.oracle}`, (_, { options, rates }) => {
    const plateau = new ReduceOnPlateau(ours(options));
    const found = golden.metrics.map((loss) => {
      const rate = 0.1 * plateau.factor;
      plateau.note({ loss });
      return Number(rate.toPrecision(12));
    });
    expect(found).toEqual(rates);
  });

  test('fit lowers an adjustable rate, which survives in a state', async () => {
    const optimizer = sgd({ rate: schedules.adjustable(0.5) });
    const session = new Session(mlp({ hidden: [8] }), { loss: losses.crossEntropy(), optimizer });
    const reduceOnPlateau = { patience: 0, factor: 0.5, threshold: 10 };
    const { epochs } = await fit(session, data.take(train, 64), {
      epochs: 4,
      validation,
      reduceOnPlateau,
      fetch: ['rate'],
    });
    expect(epochs.map(({ training }) => training.rate)).toEqual([0.5, 0.5, 0.25, 0.125]);
    expect(session.read('optimizer.rate.adjustableRate').data[0]).toBe(0.125);
    session.dispose();
  });

  test('misuse is refused', async () => {
    expect(() => new ReduceOnPlateau({ factor: 1 })).toThrow(refusal('VALUE', 'reduceOnPlateau: expected factor'));
    expect(() => new ReduceOnPlateau({ patience: -1 })).toThrow(refusal('VALUE', 'patience'));
    expect(() => new ReduceOnPlateau({ thresholdMode: 'rel' as never })).toThrow(refusal('OPTION', "'rel'"));
    expect(() => new ReduceOnPlateau({ monitor: 'f1' }).note({ loss: 1 })).toThrow(refusal('OPTION', "'f1'"));
    const session = new Session(mlp({ hidden: [8] }), { loss: losses.crossEntropy(), optimizer: sgd({ rate: 0.5 }) });
    const training = fit(session, data.take(train, 64), { epochs: 1, reduceOnPlateau: {} });
    await expect(training).rejects.toThrow(refusal('OPTION', 'schedules.adjustable'));
    session.dispose();
  });
});

test('T-05 reports hold the rate and the norm of the gradients when asked; they become columns', async () => {
  const optimizer = sgd({ rate: schedules.exponential({ rate: 0.1, decay: 0.01 }) });
  const session = new Session(mlp({ hidden: [8] }), { loss: losses.crossEntropy(), optimizer });
  const { epochs } = await fit(session, data.take(train, 64), {
    epochs: 2,
    validation,
    fetch: ['rate', 'gradientNorm'],
  });
  expect(epochs.map(({ training }) => training.rate)).toEqual([expect.closeTo(0.0995, 3), expect.closeTo(0.0975, 3)]);
  expect(epochs[0]?.training.gradientNorm).toBeGreaterThan(0);
  const [header, first, , ...rest] = io.historyCsv(epochs).split('\n');
  expect(header).toBe('epoch,training.loss,training.rate,training.gradientNorm,validation.loss');
  expect(first?.split(',').map(Number)).toEqual([
    1,
    ...Object.values(epochs[0]?.training ?? {}),
    epochs[0]?.validation?.loss,
  ]);
  expect(rest).toEqual(['']);
  expect(() => io.historyCsv([])).toThrow(refusal('DATA', 'historyCsv'));
  session.dispose();
});

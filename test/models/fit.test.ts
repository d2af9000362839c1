/** The training loop: epochs, validation, early stopping, stopping by signal, determinism. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  type ConvoltError,
  cnn,
  data,
  epochs,
  evaluate,
  type FitOptions,
  fit,
  losses,
  metrics,
  mlp,
  optimizers,
  predict,
  Session,
  setThreads,
  tensor,
} from '../../lib';
import { EarlyStopping } from '../../lib/models/early-stopping';

const { train, validation, test: testSet } = data.digitsSplit();

const open = (seed = 0, model = mlp({ hidden: [32] })) =>
  new Session(model, {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.sgd({ rate: 0.1, momentum: 0.9 }),
    seed,
  });

describe('fit', () => {
  test('a small network learns the digits (T-16: at least 0.97 with early stopping)', async () => {
    const model = cnn({ filters: [8, 16], hidden: 0, dropout: 0 });
    const session = new Session(model, {
      loss: losses.crossEntropy(),
      metrics: { accuracy: metrics.accuracy() },
      optimizer: optimizers.sgd({ rate: 0.05, momentum: 0.9 }),
    });
    const history = await fit(session, train, {
      epochs: 15,
      validation,
      earlyStopping: { patience: 8, monitor: 'accuracy' },
    });
    expect((await evaluate(session, testSet)).accuracy).toBeGreaterThanOrEqual(0.97);
    expect(history.epochs.length).toBeGreaterThan(3);
    const weights = session
      .declarations()
      .filter(({ role, path }) => role === 'parameter' && !path.startsWith('optimizer'));
    expect(weights.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0)).toBe(1946);
    session.dispose();
  });

  test('every epoch sees every example once: a sum over examples is the same in each', async () => {
    const session = open();
    const seen: number[] = [];
    await fit(session, train, {
      epochs: 2,
      batchSize: 100,
      onProgress: ({ batch, batches }) => batch === batches && seen.push(batches),
    });
    expect(seen).toEqual([11, 11]);
    session.dispose();
  });

  test('the same seed gives the same bits at any number of threads (T-17)', async () => {
    const weightsAt = async (threads: number) => {
      setThreads(threads);
      const session = open(5, cnn({ filters: [8], hidden: 16, dropout: 0.5 }));
      await fit(session, train, { epochs: 1 });
      const { data: numbers } = session.read('dense.weight');
      session.dispose();
      return numbers;
    };
    const one = await weightsAt(1);
    expect(await weightsAt(2)).toEqual(one);
    expect(await weightsAt(3)).toEqual(one);
    setThreads(2);
  });

  test('epochs is an async iterator that may be left early', async () => {
    const session = open();
    const reports: number[] = [];
    for await (const { epoch } of epochs(session, train, { epochs: 5 })) {
      reports.push(epoch);
      if (epoch === 2) break;
    }
    expect(reports).toEqual([1, 2]);
    expect(session.executor.store.paths().filter((path) => path.startsWith('data:'))).toEqual([]);
    session.dispose();
  });

  test('a signal stops within 100 ms and leaves a usable state', async () => {
    const session = open(0, cnn());
    const controller = new AbortController();
    let stoppedAt = 0;
    setTimeout(() => {
      stoppedAt = performance.now();
      controller.abort();
    }, 300);
    const failure = (await fit(session, train, { epochs: 1000, signal: controller.signal }).catch(
      (error) => error,
    )) as ConvoltError;
    expect(failure.code).toBe('ABORTED');
    expect(performance.now() - stoppedAt).toBeLessThan(100);
    expect((await evaluate(session, testSet)).loss).toBeGreaterThan(0);
    session.dispose();
  });

  test("the event loop's delay stays small while training", async () => {
    const session = open(0, cnn());
    await session.measure(data.take(train, 32).input, data.take(train, 32).target); // compiled before the watch begins
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await fit(session, train, { epochs: 20, batchSize: 64 }); // long enough for p99 not to be the compilation
    delay.disable();
    expect(delay.percentile(99) / 1e6).toBeLessThan(20);
    session.dispose();
  });

  test('predict gives one row per example in order', async () => {
    const session = open();
    const all = await predict(session, testSet.input, { batchSize: 100 });
    expect(all.shape).toEqual([359, 10]);
    const alone = await session.run(data.take(testSet, 1).input);
    expect([...all.data.slice(0, 10)].map((value) => value.toFixed(4))).toEqual(
      [...alone.data].map((value) => value.toFixed(4)),
    );
    session.dispose();
  });
});

describe('early stopping', () => {
  test('a scripted measure stops after epoch 5 and restores epoch 3 exactly (T-06)', async () => {
    const session = open();
    await session.step(data.take(train, 8).input, data.take(train, 8).target);
    const stopping = new EarlyStopping({ patience: 2, monitor: 'accuracy' });
    let third: unknown;
    for (const [i, accuracy] of [0.5, 0.7, 0.9, 0.8, 0.85].entries()) {
      await session.step(data.take(train, 8).input, data.take(train, 8).target);
      stopping.note(i + 1, { accuracy }, session);
      if (i === 2) third = session.read('dense.weight').data;
      expect(stopping.exhausted).toBe(i === 4);
    }
    expect(session.read('dense.weight').data).not.toEqual(third);
    stopping.restore(session);
    expect(session.read('dense.weight').data).toEqual(third);
    expect(stopping.bestEpoch).toBe(3);
    session.dispose();
  });

  test('an unknown measure and a bad patience are errors', async () => {
    expect(() => new EarlyStopping({ patience: -1 })).toThrow('patience');
    expect(() => new EarlyStopping({ monitor: 'x' }).note(1, { loss: 1 }, open())).toThrow("'x'");
  });
});

describe('bad input', () => {
  const codeOf = async (examples: Parameters<typeof fit>[1], options: FitOptions = {}) => {
    const session = open();
    const failure = (await fit(session, examples, options).catch((error) => error)) as ConvoltError;
    session.dispose();
    return failure.code;
  };
  const labels = (count: number) => tensor(new Int32Array(count));
  const images = (count: number) => tensor(new Float32Array(count * 4), [count, 4]);

  test('an empty dataset, unequal numbers, a batch larger than the dataset', async () => {
    expect(await codeOf({ input: images(0), target: labels(0) })).toBe('DATA');
    expect(await codeOf({ input: images(8), target: labels(7) })).toBe('DATA');
    expect(await codeOf({ input: images(8), target: labels(8) }, { batchSize: 9 })).toBe('DATA');
  });

  test('zero or negative counts and unknown options', async () => {
    expect(await codeOf(train, { epochs: 0 })).toBe('VALUE');
    expect(await codeOf(train, { batchSize: -3 })).toBe('VALUE');
    expect(await codeOf(train, { epoch: 3 } as never)).toBe('OPTION');
  });

  test('NaN in the data stops fit at its batch and names the layer', async () => {
    const broken = { ...train.input, data: Float32Array.from(train.input.data) };
    broken.data[64 * 700] = Number.NaN;
    const session = open();
    const failure = (await fit(session, { input: broken, target: train.target }).catch(
      (error) => error,
    )) as ConvoltError;
    expect(failure.code).toBe('NOT_FINITE');
    expect(failure.message).toContain('first seen in input');
    session.dispose();
  });
});

/** Chapter J: what losses do to networks that are trained with them. */
import {
  type Criterion,
  cnn,
  data,
  evaluate,
  fit,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  predict,
  type Scope,
  Session,
  schedules,
  type Tensor,
  tensor,
  type Value,
} from '../../lib';
import { hostUniform } from '../../lib/graph/philox';
import { diabetes } from '../golden/samples';

const { train, test: unseen } = data.digitsSplit();
const momentum = (rate = 0.05) => optimizers.sgd({ rate, momentum: 0.9 });

describe('J-07 hinge on digits', () => {
  // PyTorch with the same recipe: 0.981.
  test('a network of the best rival form reaches 0.96', async () => {
    const session = new Session(cnn({ filters: [8, 16], hidden: 0, dropout: 0 }), {
      loss: losses.hinge(),
      metrics: { accuracy: metrics.accuracy() },
      optimizer: momentum(),
      seed: 1,
    });
    await fit(session, train, { epochs: 15 });
    expect((await evaluate(session, unseen)).accuracy).toBeGreaterThanOrEqual(0.96);
    session.dispose();
  });
});

describe('J-08 ramp under wrong labels', () => {
  /** Labels of which 30 % are drawn anew. */
  function noisy(seed: number): data.Dataset {
    const target = train.target as Tensor;
    const drawn = hostUniform([seed, 77], 2 * target.data.length);
    let next = 0;
    const draw = () => drawn[next++] as number;
    const labels = Int32Array.from(target.data, (label) => (draw() < 0.3 ? Math.floor(draw() * 10) : label));
    return { ...train, target: { ...target, data: labels } };
  }

  /** A dense layer that starts as PyTorch's does: uniform in +-1 / sqrt(fan in). */
  const linear = (inputs: number, units: number) => {
    const bound = 1 / Math.sqrt(inputs);
    const start = initializers.uniform({ low: -bound, high: bound });
    return layers.dense(units, { weightInitializer: start, biasInitializer: start });
  };

  async function accuracyOf(loss: losses.Loss, seed: number): Promise<number> {
    const session = new Session(layers.sequential(layers.flatten(), linear(64, 32), layers.relu(), linear(32, 10)), {
      loss,
      metrics: { accuracy: metrics.accuracy() },
      optimizer: momentum(),
      seed,
    });
    await fit(session, noisy(seed), { epochs: 40 });
    const { accuracy } = await evaluate(session, unseen);
    session.dispose();
    return accuracy as number;
  }

  // The catalogue's reference, three seeds of PyTorch: 0.944 with the ramp, 0.802 with the hinge. Units that die make the
  // hinge's results vary: over 32 seeds PyTorch 2.13 gains 0.062 by the same recipe (0.051 over the first nine, and at least
  // 0.08 in one of ten triples), this library 0.067 (0.058 over the nine of this test).
  test('beats the hinge over nine seeds', async () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const mean = async (make: () => losses.Loss) => {
      const found = await Promise.all(seeds.map((seed) => accuracyOf(make(), seed)));
      return found.reduce((sum, accuracy) => sum + accuracy, 0) / seeds.length;
    };
    const [ramp, hinge] = [await mean(() => losses.ramp({ s: -1 })), await mean(() => losses.hinge())];
    expect(ramp).toBeGreaterThanOrEqual(hinge + 0.04);
  });
});

/** A small network of digits whose last layer shows its 16 features and the weights of its classes. */
function embedding(options: layers.ClassWeightsOptions = {}) {
  const { batchNorm, conv2d, dense, flatten, maxPool, relu, sequential } = layers;
  const stage = (filters: number) => [conv2d(filters, 3, { padding: 'same' }), batchNorm(), relu(), maxPool(2)];
  const trunk = sequential(...stage(8), ...stage(16), flatten(), dense(16));
  const head = layers.classWeights(10, { initializer: initializers.normal({ std: 0.1 }), ...options });
  return (x: Value, scope: Scope) => head(trunk(x, scope), scope);
}

/** Mean squared distance of features of length 1 to the mean of their class, over that between the means of classes. */
function compactness(features: Tensor, labels: ArrayLike<number>): number {
  const width = features.shape[1] as number;
  const rows = Array.from(labels, (_, i) => {
    const row = [...features.data.subarray(i * width, (i + 1) * width)];
    const length = Math.hypot(...row);
    return row.map((x) => x / length);
  });
  const means = Array.from({ length: 10 }, (_, label) => {
    const own = rows.filter((_, i) => labels[i] === label);
    return Array.from({ length: width }, (_, f) => own.reduce((sum, row) => sum + (row[f] as number), 0) / own.length);
  });
  const squared = (a: number[], b: number[]) => a.reduce((sum, x, f) => sum + (x - (b[f] as number)) ** 2, 0);
  const within = average(rows.map((row, i) => squared(row, means[labels[i] as number] as number[])));
  const pairs = means.flatMap((a, i) => means.slice(i + 1).map((b) => squared(a, b)));
  return within / average(pairs);
}

const average = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;

/** Accuracy and compactness after 20 epochs, as means over four seeds: single ones differ by up to 0.03 in accuracy. */
async function trained(
  loss: () => Criterion,
  options: layers.ClassWeightsOptions = {},
  rate = 0.05,
): Promise<{ accuracy: number; ratio: number }> {
  const found = await Promise.all([1, 2, 3, 4].map((seed) => trainedOnce(loss(), options, rate, seed)));
  return { accuracy: average(found.map((one) => one.accuracy)), ratio: average(found.map(({ ratio }) => ratio)) };
}

async function trainedOnce(loss: Criterion, options: layers.ClassWeightsOptions, rate: number, seed: number) {
  const session = new Session(embedding(options), {
    loss,
    metrics: { accuracy: losses.head('logits', metrics.accuracy()) },
    optimizer: momentum(rate),
    seed,
  });
  await fit(session, train, { epochs: 20 });
  const { accuracy } = await evaluate(session, unseen);
  const input = unseen.input as Tensor;
  const { features } = await session.run(input, { fetch: [] });
  session.dispose();
  return { accuracy: accuracy as number, ratio: compactness(features as Tensor, (unseen.target as Tensor).data) };
}

describe('margins and centres make features compact', () => {
  const softmax = trained(() => losses.head('logits', losses.crossEntropy()));

  // PyTorch with the same recipe: ratio 0.108 for softmax, 0.084 for L-softmax with accuracy 0.981.
  test('J-09 large-margin softmax: below softmax, accuracy 0.96', async () => {
    const lambda = schedules.annealedMargin({ gamma: 1.2, least: 0 });
    const { ratio, accuracy } = await trained(() => losses.lSoftmax({ margin: 2, lambda }));
    expect(accuracy).toBeGreaterThanOrEqual(0.96);
    expect(ratio).toBeLessThan((await softmax).ratio);
  });

  // PyTorch: 0.975.
  test('J-10 angular softmax: accuracy 0.95', async () => {
    const lambda = schedules.annealedMargin({ gamma: 1.2, least: 5 });
    const { accuracy } = await trained(() => losses.aSoftmax({ margin: 4, lambda }), { normalize: 'weight' });
    expect(accuracy).toBeGreaterThanOrEqual(0.95);
  });

  // PyTorch: 0.981.
  test('J-11 additive-margin softmax with a small rate: accuracy 0.96', async () => {
    const { accuracy } = await trained(() => losses.amSoftmax(), { normalize: 'both' }, 0.003);
    expect(accuracy).toBeGreaterThanOrEqual(0.96);
  });

  // PyTorch: ratio 0.048 instead of 0.108, accuracy 0.992.
  test('J-13 center loss: at most 0.7 of softmax, accuracy 0.97', async () => {
    const { ratio, accuracy } = await trained(() =>
      losses.composite({
        logits: losses.crossEntropy(),
        features: { loss: losses.centerLoss({ classes: 10 }), weight: 0.1 },
      }),
    );
    expect(accuracy).toBeGreaterThanOrEqual(0.97);
    expect(ratio).toBeLessThanOrEqual(0.7 * (await softmax).ratio);
  });
});

describe("J-15 Tukey's biweight under outliers", () => {
  const { inputs, targets } = diabetes();
  const rows = (tensors: Tensor, isIn: (i: number) => boolean) => {
    const width = tensors.shape[1] as number;
    const picked = Array.from({ length: 442 }, (_, i) => i).filter(isIn);
    const numbers = picked.flatMap((i) => [...tensors.data.subarray(i * width, (i + 1) * width)]);
    return tensor(Float32Array.from(numbers), [picked.length, width]);
  };
  const isTest = (i: number) => i % 5 === 4;
  const isTrain = (i: number) => i % 5 < 3;
  const target = rows(targets, isTrain);
  const shifted = { ...target, data: target.data.map((y, i) => (i < 70 ? y + 10 : y)) };

  /** The error of a linear model on clean data, after 600 whole-batch steps of Adam. */
  async function testError(loss: losses.Loss): Promise<number> {
    const session = new Session(layers.dense(1), { loss, optimizer: optimizers.adam({ rate: 0.01 }), seed: 1 });
    const input = rows(inputs, isTrain);
    for (let step = 0; step < 600; step++) await session.step(input, shifted);
    const predicted = await predict(session, rows(inputs, isTest));
    session.dispose();
    const wanted = [...rows(targets, isTest).data];
    return wanted.reduce((sum, y, i) => sum + (y - (predicted.data[i] as number)) ** 2, 0) / wanted.length;
  }

  // PyTorch: 0.552 with the biweight, 5.45 with the squared error, 0.554 on clean targets.
  test('70 targets raised by 10: error at most 0.65, at least 2 with the squared error', async () => {
    expect(await testError(losses.tukeyBiweight())).toBeLessThanOrEqual(0.65);
    expect(await testError(losses.squaredError())).toBeGreaterThanOrEqual(2);
  });
});

describe('losses with states in a session', () => {
  const input = tensor(Float32Array.of(1, 2, 3, 4, 0, 1), [3, 2]);
  const labels = tensor(Int32Array.of(0, 0, 1));
  const identity = (x: Value, scope: Scope) => {
    const scale = scope.param('scale', [1], initializers.ones);
    return { features: x, logits: layers.dense(2)(x, scope), scale };
  };
  const objective = () =>
    losses.composite({
      logits: losses.crossEntropy(),
      features: { loss: losses.centerLoss({ classes: 2 }), weight: 0.5 },
    });

  test('J-13 centres move in training only, and are saved with the session', async () => {
    const session = new Session(identity, { loss: objective(), optimizer: optimizers.sgd({ rate: 0.1 }) });
    await session.measure(input, labels);
    expect([...session.read('loss.features.centers').data]).toEqual([0, 0, 0, 0]);
    await session.step(input, labels);
    const centers = [...session.read('loss.features.centers').data];
    [2 / 3, 1, 0, 0.25].forEach((x, i) => {
      expect(centers[i]).toBeCloseTo(x, 6);
    });
    expect(session.declarations().find(({ path }) => path.endsWith('centers'))?.role).toBe('state');
    session.dispose();
  });

  test('J-18 parts and penalties are reported, and add up to the loss', async () => {
    const session = new Session(identity, {
      loss: objective(),
      optimizer: optimizers.sgd({ rate: 0.1 }),
      regularizer: (parameters) =>
        losses.reduceLoss(parameters.get('scale') as Value, { reduction: 'sum', scale: 0.25 }),
    });
    const report = await session.step(input, labels);
    expect(Object.keys(report).sort()).toEqual(['loss', 'loss.features', 'loss.logits', 'penalty']);
    expect(report['loss.features']).toBeCloseTo(0.5 * 5.166667, 5);
    const parts = (report['loss.features'] as number) + (report['loss.logits'] as number) + (report.penalty as number);
    expect(report.loss).toBeCloseTo(parts, 5);
    session.dispose();
  });

  test('J-08 the ramp knows the epochs of its session', async () => {
    const session = new Session((x: Value, scope: Scope) => layers.dense(2, { bias: false })(x, scope), {
      loss: losses.ramp({ s: -0.5 }),
      optimizer: optimizers.sgd({ rate: 0 }),
    });
    await session.run(input);
    session.write(
      'dense.weight',
      tensor([
        [9, -9],
        [9, -9],
      ]),
    );
    const wrong = tensor(Int32Array.of(1, 1, 1));
    expect((await session.step(input, wrong)).loss).toBeGreaterThan(10);
    session.epochs = 5;
    expect((await session.step(input, wrong)).loss).toBe(1.5);
    session.dispose();
  });

  test('a label out of range is noticed while the program runs', async () => {
    for (const loss of [losses.hinge(), losses.ramp({ warmUp: 0 })]) {
      const session = new Session(layers.dense(2), { loss, optimizer: optimizers.adam() });
      const wrong = tensor(Int32Array.of(0, 2, 1));
      await expect(session.step(input, wrong)).rejects.toMatchObject({ code: 'VALUE' });
      session.dispose();
    }
  });

  test('a criterion that gives no parts is refused', async () => {
    const session = new Session(layers.dense(2), { loss: () => ({}), optimizer: optimizers.adam() });
    await expect(session.step(input, labels)).rejects.toThrow('loss: expected the result to be a float32 value');
    session.dispose();
  });
});

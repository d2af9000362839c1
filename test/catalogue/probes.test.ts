/** T-03, T-07, T-10, T-11, T-12, T-15: probes of a session and experiments, on real trainings. */
import {
  data,
  degradation,
  diagnoseBatchSize,
  diagnoseGradients,
  diagnoseUnits,
  fit,
  functions,
  gradientNoise,
  initializers,
  inputSides,
  inputSizeReport,
  layerPreset,
  layers,
  learningRateRange,
  losses,
  type Model,
  mlp,
  ops,
  optimizers,
  Session,
  tensor,
  type Value,
  vgg16,
} from '../../lib';
import { refusal } from '../io/refusal';

const { train, validation } = data.digitsSplit();
const { conv2d, dense, flatten, maxPool, relu, sequential } = layers;
const loss = losses.crossEntropy();

describe('T-10 gradients through ten layers of 64', () => {
  const deep = (
    activation: (x: Value) => Value,
    weightInitializer: ReturnType<typeof initializers.heNormal>,
  ): Model => {
    const hidden = Array.from({ length: 10 }, () => dense(64, { activation, weightInitializer }));
    return sequential(flatten(), ...hidden, dense(10, { weightInitializer: initializers.xavierNormal() }));
  };
  const found = async (model: Model) => {
    const session = new Session(model, { loss, optimizer: optimizers.sgd({ rate: 0.1 }), seed: 4 });
    await session.run(data.take(train, 128).input);
    const before = session.read('dense.weight');
    const diagnosis = await diagnoseGradients(session, data.take(train, 128));
    expect(session.read('dense.weight')).toEqual(before);
    session.dispose();
    return diagnosis;
  };

  test('sigmoid with Xavier weights: they vanish', async () => {
    const { verdict, ratio, layers: norms, advice } = await found(deep(functions.sigmoid, initializers.xavierNormal()));
    expect(verdict).toBe('vanishing');
    expect(ratio).toBeLessThan(1e-4);
    expect(norms).toHaveLength(11);
    expect(advice.join()).toMatch(/batch normalisation.*relu.*residual/s);
  });

  test.each([
    ['tanh with Xavier weights', functions.tanh, initializers.xavierNormal()],
    ['relu with He weights', functions.relu, initializers.heNormal()],
  ])('%s: they arrive', async (_, activation, weights) => {
    const { verdict, ratio, advice } = await found(deep(activation, weights));
    expect(verdict).toBe('ok');
    expect(ratio).toBeGreaterThan(0.1);
    expect(ratio).toBeLessThan(20);
    expect(advice).toEqual([]);
  });

  test('weights a hundred times as large: they explode', async () => {
    const { verdict, evidence } = await found(deep(functions.relu, initializers.heNormal({ gain: 100 * Math.SQRT2 })));
    expect(verdict).toBe('exploding');
    expect(evidence).toMatch(/dense/);
  });
});

describe('T-11 dead units and saturation', () => {
  const session = async (model: Model, alive: number) => {
    const opened = new Session(model, { loss, optimizer: optimizers.sgd({ rate: 0.1 }), seed: 1 });
    await opened.run(data.take(train, 2).input);
    const bias = opened.read('dense.bias');
    opened.write('dense.bias', { ...bias, data: bias.data.map((_, i) => (i % 2 ? -100 : alive)) as Float32Array });
    return opened;
  };

  test('a bias of -100 on half of the units: exactly half of them are dead, and no gradient reaches them', async () => {
    const opened = await session(sequential(flatten(), dense(32), relu(), dense(10)), 10);
    const { verdict, layers: units, advice } = await diagnoseUnits(opened, validation.input);
    expect(units).toMatchObject([{ kind: 'relu', units: 32, dead: 0.5, saturated: 0 }]);
    expect(verdict).toBe('dead');
    expect(advice.join()).toMatch(/leakyRelu/);
    const before = opened.read('dense.weight');
    await opened.step(train.input, train.target);
    const moved = opened.read('dense.weight').data.map((value, i) => Math.abs(value - (before.data[i] as number)));
    expect(Math.max(...moved.filter((_, i) => (i % 32) % 2 === 1))).toBe(0);
    expect(Math.max(...moved)).toBeGreaterThan(0);
    opened.dispose();
  });

  test('a leaky one has no dead units', async () => {
    const opened = await session(
      sequential(flatten(), dense(32), (x) => ops.maximum(x, ops.mul(x, 0.01)), dense(10)),
      10,
    );
    expect((await diagnoseUnits(opened, validation.input)).verdict).toBe('ok');
    opened.dispose();
  });

  test('a sigmoid far from 0 is saturated', async () => {
    const opened = await session(sequential(flatten(), dense(32), layers.sigmoid(), dense(10)), 0);
    const { verdict, layers: units } = await diagnoseUnits(opened, validation.input);
    expect(units[0]?.saturated).toBeGreaterThanOrEqual(0.5);
    expect(units[0]?.saturated).toBeLessThan(0.6);
    expect(verdict).toBe('saturated');
    opened.dispose();
  });
});

describe('T-03 the size of batches', () => {
  test('the variance of gradients falls as 1 / size', async () => {
    const session = new Session(mlp({ hidden: [32] }), { loss, optimizer: optimizers.sgd({ rate: 0.1 }) });
    await fit(session, train, { epochs: 1 });
    const found = await gradientNoise(session, train, { batchSizes: [8, 32, 128], batches: 60 });
    const scaled = found.map(({ batchSize, variance }) => batchSize * variance);
    const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
    for (const value of scaled) expect(Math.abs(value / mean - 1)).toBeLessThan(0.3);
    session.dispose();
  });

  test('fewer than 8 deserve a warning, which fit gives', async () => {
    expect([4, 7, 8, 64].map((size) => diagnoseBatchSize(size).verdict)).toEqual(['noisy', 'noisy', 'ok', 'ok']);
    const session = new Session(mlp({ hidden: [4] }), { loss, optimizer: optimizers.sgd({ rate: 0.01 }) });
    const told: string[] = [];
    await fit(session, data.take(train, 32), {
      epochs: 1,
      batchSize: 4,
      onAdvice: ({ verdict }) => told.push(verdict),
    });
    expect(told).toContain('noisy');
    session.dispose();
  });
});

test('T-07 the range test finds a rate that works and one that does not', async () => {
  const session = new Session(mlp({ hidden: [32] }), { loss, optimizer: optimizers.sgd({ rate: 0.1 }), seed: 2 });
  const {
    rates,
    losses: curve,
    suggestion,
    diverged,
    verdict,
  } = await learningRateRange(session, train, { from: 1e-3, to: 100, batchSize: 16 });
  expect(rates[0]).toBeCloseTo(1e-3, 8);
  expect(rates.at(-1)).toBeCloseTo(100, 1);
  expect(curve).toHaveLength(rates.length);
  expect(verdict).toBe('found');
  expect(suggestion).toBeGreaterThan(0.005);
  expect(suggestion).toBeLessThan(1);
  expect(diverged).toBeGreaterThan(1);
  session.dispose();
});

test('T-12 deep plain networks do not learn their training data, residual and highway networks do', async () => {
  const results = await degradation({ train, classes: 10, depths: [20] });
  const accuracy = Object.fromEntries(results.map((result) => [result.kind, result.accuracy]));
  // PyTorch under the same recipe: 0.117, 0.982, 0.958.
  expect(accuracy.plain).toBeLessThanOrEqual(0.3);
  expect(accuracy.residual).toBeGreaterThanOrEqual(0.9);
  expect(accuracy.highway).toBeGreaterThanOrEqual(0.85);
}, 30000);

describe('T-15 another size of input', () => {
  const stage = (count: number, filters: number) => [
    ...Array.from({ length: count }, () => [conv2d(filters, 3, { padding: 'same' }), relu()]).flat(),
    maxPool(2),
  ];
  const classic = sequential(
    ...stage(2, 64),
    ...stage(2, 128),
    ...stage(3, 256),
    ...stage(3, 512),
    ...stage(3, 512),
    flatten(),
    sequential({ head: sequential(dense(4096), relu(), dense(4096), relu(), dense(1000)) }),
  );

  test('VGG-16 for 448 pixels: only the first fully connected layer changes', () => {
    const { changed, advice } = inputSizeReport(classic, [1, 224, 224, 3], [1, 448, 448, 3]);
    expect(changed).toEqual([{ path: 'head.dense.weight', from: [25088, 4096], to: [100352, 4096] }]);
    expect(advice.join()).toMatch(/adaptiveAveragePool.*convolutions/s);
  });

  test('with adaptive pooling nothing changes, and it runs at 96, 224 and 448', async () => {
    for (const side of [96, 448]) {
      expect(inputSizeReport(vgg16(), [1, 224, 224, 3], [1, side, side, 3])).toEqual({ changed: [], advice: [] });
    }
    const small = vgg16({ filters: 2, hidden: 16, classes: 3 });
    const session = new Session(small);
    for (const side of [96, 224, 448]) {
      const { shape } = await session.run(tensor(new Float32Array(side * side * 3), [1, side, side, 3]));
      expect(shape).toEqual([1, 3]);
    }
    session.dispose();
  });

  test('presets: convolutions keep the size, pooling halves it, and the sides can be halved five times', async () => {
    const { convolution, pooling } = layerPreset;
    const session = new Session(
      sequential(conv2d(2, convolution.kernel, { padding: convolution.padding }), maxPool(pooling.window)),
    );
    expect((await session.run(tensor(new Float32Array(32 * 32), [1, 32, 32, 1]))).shape).toEqual([1, 16, 16, 2]);
    session.dispose();
    expect([...inputSides]).toEqual([32, 96, 224, 448, 672]);
    expect(inputSides.every((side) => side % 32 === 0)).toBe(true);
  });
});

test.each<[() => Promise<unknown>, ReturnType<typeof refusal>]>([
  [
    () => gradientNoise(new Session(mlp(), { loss }), train, { batches: 1 }),
    refusal('VALUE', 'gradientNoise: expected batches'),
  ],
  [
    () => learningRateRange(new Session(mlp(), { loss }), data.take(train, 64)),
    refusal('DATA', 'the number of batches'),
  ],
  [
    () => learningRateRange(new Session(mlp(), { loss }), train, { from: 1, to: 1 }),
    refusal('VALUE', 'learningRateRange: expected to'),
  ],
  [() => diagnoseGradients(new Session(mlp()), train), refusal('OPTION', "the session's loss")],
  [() => diagnoseUnits(new Session(mlp()), train.input, { most: 2 }), refusal('VALUE', 'diagnoseUnits: expected most')],
  [() => degradation({ train, classes: 10, kinds: ['wide' as never] }), refusal('OPTION', "'wide'")],
])('misuse is refused %#', (run, expected) => expect(run()).rejects.toThrow(expected));

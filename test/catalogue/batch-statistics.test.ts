/** Chapter N: the statistics of batch normalisation in tests, its rules of use, its folding, and what it holds still. */
import {
  type CovariateShiftProbe,
  cnn,
  covariateShiftProbe,
  data,
  epochs,
  initializers,
  layers,
  losses,
  optimizers,
  recalibrate,
  Session,
  type Tensor,
  tensor,
} from '../../lib';
import { hostNormal } from '../../lib/graph/philox';
import type { Value } from '../../lib/graph/value';
import { expectedMoments, mergeMoments, momentsOf } from '../../lib/models/population-statistics';
import { sum } from '../../lib/ops/reduce';
import { expectClose, F32 } from '../closeness';
import { type Answer, golden, make } from '../golden/golden';
import { openRandom } from '../inference/open';
import { refusal } from '../io/refusal';
import { traced } from '../pure/tracing';

const { batchNorm, conv2d, dense, flatten, relu, sequential, sigmoid } = layers;
const rows = ({ shape, data }: Tensor, first: number, count: number): Tensor => {
  const size = data.length / (shape[0] as number);
  return tensor(data.slice(first * size, (first + count) * size), [count, ...shape.slice(1)]);
};
const drawn = (...shape: number[]): Tensor =>
  tensor(
    hostNormal(
      [3, 9],
      shape.reduce((a, b) => a * b),
    ),
    shape,
  );

test('N-03 running averages of 50 batches are those of nn.BatchNorm2d', async () => {
  const { cases } = golden('running-statistics');
  const [running] = cases as [(typeof cases)[number]];
  const { shape, data } = make(running.inputs[0] as never);
  const images = tensor(Float32Array.from(data), shape);
  const session = new Session(batchNorm(), {
    loss: (prediction: Value) => sum(prediction, { axes: [1, 2, 3] }),
    optimizer: optimizers.sgd({ rate: 0 }),
  });
  for (let batch = 0; batch < 50; batch++) await session.step(rows(images, 4 * batch, 4), tensor(new Float32Array(4)));
  const tested = await session.run(rows(images, 0, 4));
  [session.read('batchNorm.mean'), session.read('batchNorm.variance'), tested].forEach((actual, i) => {
    const { values, every } = running.outputs[i] as Answer;
    const kept = Array.from(actual.data).filter((_, place) => place % every === 0);
    expectClose({ shape: [kept.length], data: kept }, { shape: [kept.length], data: values }, F32);
  });
  session.dispose();
});

describe('N-04 statistics by a full pass', () => {
  const numbers = Array.from({ length: 60 }, (_, i) => Math.sin(i * i) * 3 + (i % 3));
  const parts = [numbers.slice(0, 12), numbers.slice(12, 45), numbers.slice(45)].map((part) =>
    momentsOf({ shape: [part.length / 3, 3], data: part }),
  );

  test('parts of any size together have the moments of the whole', () => {
    const whole = momentsOf({ shape: [20, 3], data: numbers });
    const merged = parts.reduce(mergeMoments);
    expect(merged.count).toBe(20);
    merged.mean.forEach((mean, c) => {
      expect(mean).toBeCloseTo(whole.mean[c] as number, 14);
    });
    merged.variance.forEach((variance, c) => {
      expect(variance).toBeCloseTo(whole.variance[c] as number, 13);
    });
  });

  test('the expectation over equal batches: the mean of means and of m / (m - 1) times the variances', () => {
    const equal = [0, 1].map((i) => momentsOf({ shape: [10, 3], data: numbers.slice(30 * i, 30 * i + 30) }));
    const { mean, variance } = expectedMoments(equal);
    const [a, b] = equal as [(typeof equal)[number], (typeof equal)[number]];
    mean.forEach((value, c) => {
      expect(value).toBeCloseTo(((a.mean[c] as number) + (b.mean[c] as number)) / 2, 14);
    });
    variance.forEach((value, c) => {
      expect(value).toBeCloseTo(((10 / 9) * ((a.variance[c] as number) + (b.variance[c] as number))) / 2, 13);
    });
  });

  const model = () => sequential(batchNorm(), conv2d(4, 3), batchNorm(), relu(), flatten(), dense(3));
  const images = drawn(25, 5, 5, 2);

  test('layer by layer over all examples, with unequal batches', async () => {
    const session = await openRandom(model(), images);
    const before = session.read('conv2d.weight').data;
    const found = await recalibrate(session, images, { batchSize: 10 });
    expect([...found.keys()]).toEqual(['batchNorm', 'batchNorm2']);
    const inner = (await session.run(images, { fetch: ['conv2d'] })).conv2d as Tensor;
    for (const [path, given] of [
      ['batchNorm', images],
      ['batchNorm2', inner],
    ] as const) {
      const { mean, variance } = momentsOf(given);
      expectClose(session.read(`${path}.mean`), tensor([...mean]), F32);
      expectClose(session.read(`${path}.variance`), tensor([...variance]), F32);
    }
    expect(session.read('conv2d.weight').data).toEqual(before);
    session.dispose();
  });

  test('the expectation over batches', async () => {
    const session = await openRandom(batchNorm(), images);
    await recalibrate(session, images, { mode: 'expectation', batchSize: 5 });
    const expected = expectedMoments([0, 5, 10, 15, 20].map((first) => momentsOf(rows(images, first, 5))));
    expectClose(session.read('batchNorm.mean'), tensor([...expected.mean]), F32);
    expectClose(session.read('batchNorm.variance'), tensor([...expected.variance]), F32);
    session.dispose();
  });

  test('what it refuses', async () => {
    const plain = new Session(dense(2));
    await expect(recalibrate(plain, drawn(4, 3))).rejects.toThrow(
      refusal('STATE', 'recalibrate: expected the model to be one with batch normalisation'),
    );
    await expect(recalibrate(plain, drawn(4, 3), { mode: 'median' as never })).rejects.toThrow(
      refusal('OPTION', "'median'"),
    );
    const single = new Session(batchNorm());
    await expect(recalibrate(single, drawn(3, 2), { mode: 'expectation', batchSize: 2 })).rejects.toThrow(
      refusal('DATA', 'every batch'),
    );
    plain.dispose();
    single.dispose();
  });
});

describe('N-05 rules of use', () => {
  type Library = Pick<typeof import('../../lib'), 'layers' | 'ops'> & Pick<typeof import('../pure/tracing'), 'traced'>;

  /** The warnings that tracing gives, by a library that has not warned of anything yet. */
  function warningsOf(trace: (library: Library) => unknown): string[] {
    const emit = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    jest.isolateModules(() => trace({ ...require('../../lib'), ...require('../pure/tracing') }));
    const heard = emit.mock.calls.map(([message, type]) => `${type} ${message}`);
    emit.mockRestore();
    return heard;
  }

  const small = (examples: number, training = true) =>
    warningsOf(({ layers: { batchNorm, sequential }, traced }) =>
      traced(sequential({ small: batchNorm(), smaller: batchNorm() }), [examples, 3, 3, 2], training),
    );

  test('batches below 8 examples are warned of while training, once', () => {
    expect(small(7)).toEqual([
      'ConvoltWarning batchNorm: statistics of few examples vary from batch to batch; take batches of at least 8 (7 at small)',
    ]);
    expect(small(8)).toEqual([]);
    expect(small(1, false)).toEqual([]);
  });

  test('so are sequences of unequal length', () => {
    const said =
      'ConvoltWarning batchNorm: sequences of unequal length put the numbers of their padding into the statistics';
    const masked = warningsOf(({ layers: { batchNorm, sequential }, ops, traced }) => {
      const mask = ops.sequenceMask(ops.constant(Int32Array.of(1, 2, 3, 4, 4, 4, 4, 4)), 4);
      const zeroed: layers.Block = (x) => ops.mul(x, ops.reshape(ops.cast(mask, 'float32'), [8, 4, 1]));
      traced(sequential(zeroed, batchNorm()), [8, 4, 3]);
    });
    expect(masked).toEqual([`${said} (at batchNorm)`]);
    const behindGru = (lengths?: Int32Array) =>
      warningsOf(({ layers: { batchNorm, gru, sequential }, ops, traced }) => {
        const [recurrent, behind] = [gru({ units: 2 }), sequential({ behind: batchNorm() })];
        const given = lengths && { lengths: ops.constant(lengths) };
        traced((x, scope) => behind(recurrent.run(x, scope, given).output, scope), [8, 4, 3]);
      });
    expect(behindGru(Int32Array.of(1, 2, 3, 4, 4, 4, 4, 4))).toEqual([`${said} (at behind)`]);
    expect(behindGru()).toEqual([]);
  });

  test('one number per channel is an error while training', () => {
    expect(() => traced(batchNorm(), [1, 1, 1, 3])).toThrow(refusal('SHAPE', 'at least two numbers per channel'));
    expect(traced(batchNorm(), [1, 1, 1, 3], false).y.shape).toEqual([1, 1, 1, 3]);
  });
});

test('N-06 a folded network for digits predicts what the unfolded one does', async () => {
  const session = await openRandom(cnn({ filters: [8, 16], hidden: 0, dropout: 0 }), drawn(16, 8, 8, 1));
  const folded = await session.compileForInference(drawn(16, 8, 8, 1));
  expectClose((await folded.predict(drawn(16, 8, 8, 1))) as Tensor, await session.run(drawn(16, 8, 8, 1)), F32);
  session.dispose();
  folded.dispose();
});

describe('N-10 covariate shift', () => {
  /** Drifts of the third layer's activations, before its sigmoid, over epochs of training on digits. */
  async function drifts(normalized: boolean): Promise<number[]> {
    const hidden = () => [
      dense(64, { bias: !normalized, weightInitializer: initializers.heUniform({ slope: Math.sqrt(5) }) }),
      ...(normalized ? [batchNorm()] : []),
      sigmoid(),
    ];
    const third = normalized ? 'batchNorm3' : 'dense3';
    const { train } = data.digitsSplit();
    const model = sequential(flatten(), ...[0, 1, 2, 3].flatMap(hidden), dense(10));
    const session = new Session(model, {
      loss: losses.crossEntropy(),
      optimizer: optimizers.sgd({ rate: 0.1, momentum: 0.9 }),
      seed: 1,
    });
    const probe = covariateShiftProbe(session, train.input, [third]);
    const found: number[] = [];
    for await (const { epoch } of epochs(session, train, { epochs: 6 })) {
      const shift = (await probe.measure())[third];
      if (epoch > 1) found.push(shift?.drift as number);
    }
    expect(probe.log).toHaveLength(6);
    expect(probe.log[0]?.[third]?.drift).toBeUndefined();
    session.dispose();
    return found;
  }

  // PyTorch's default initialisation, uniform in 1 / sqrt(fan in); the reference drifts by 0.005 to 0.008 per epoch with
  // batch normalisation and by 17 to 56 without.
  test('batch normalisation holds the inputs of a deep layer still', async () => {
    const [held, free] = [await drifts(true), await drifts(false)];
    expect(held.reduce((a, b) => a + b) / held.length).toBeLessThanOrEqual(0.1);
    expect(free.reduce((a, b) => a + b) / free.length).toBeGreaterThanOrEqual(1);
  });

  test('the drift is the mean change of mean / deviation', async () => {
    const session = new Session(layers.tap('x'), {});
    const probe: CovariateShiftProbe = covariateShiftProbe(
      session,
      tensor([
        [1, 2],
        [3, 4],
      ]),
      ['x'],
    );
    const first = (await probe.measure()).x;
    expect([first?.mean, first?.variance]).toEqual([
      [2, 3],
      [1, 1],
    ]);
    expect((await probe.measure()).x?.drift).toBe(0);
    expect(() => covariateShiftProbe(session, tensor([1]), [])).toThrow(refusal('OPTION', 'the names'));
    session.dispose();
  });
});

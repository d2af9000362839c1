/** Chapter I: what initializers do to draws, to signals and to training; starts from other models; the audit. */

import { join } from 'node:path';
import {
  auditInitialization,
  data,
  evaluate,
  fit,
  functions,
  initializeFromPretrained,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  Session,
  type Tensor,
  tensor,
} from '../../lib';
import { hostNormal } from '../../lib/graph/philox';
import type { Initializer } from '../../lib/graph/scope';
import { refusal, temporaryFolder } from '../io/refusal';
import { runNative } from '../native-run';
import { key } from '../pure/tracing';

const { constant, heNormal, heUniform, normal, uniform, xavierNormal, xavierUniform, zeros } = initializers;
const { dense, flatten, relu, sequential, sigmoid } = layers;

const draw = async (initializer: Initializer, shape: readonly number[]): Promise<Tensor> =>
  (await runNative([initializer(shape, key)], {}))[0] as Tensor;

const sameBits = (a: Pick<Tensor, 'data'>, b: Pick<Tensor, 'data'>) =>
  Buffer.from(a.data.buffer).equals(Buffer.from(b.data.buffer));

function moments(data: ArrayLike<number>): { mean: number; std: number } {
  const numbers = Array.from(data);
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return { mean, std: Math.sqrt(numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / numbers.length) };
}

/** Deviations for weights [512, 512] and [3, 3, 64, 64], and the bound where there is one. */
const cases: [string, Initializer, (fan: number) => number, (std: number) => number][] = [
  ['I-02 normal', normal({ std: 0.001 }), () => 0.001, () => Infinity],
  ['I-02 uniform', uniform({ low: -0.3, high: 0.3 }), () => 0.3 / Math.sqrt(3), () => 0.3],
  ['I-03 Xavier normal', xavierNormal(), (fan) => 1 / Math.sqrt(fan), () => Infinity],
  ['I-04 Xavier uniform', xavierUniform(), (fan) => 1 / Math.sqrt(fan), (std) => std * Math.sqrt(3)],
  ['I-05 He normal', heNormal(), (fan) => Math.sqrt(2 / fan), () => Infinity],
  ['I-06 He uniform', heUniform(), (fan) => Math.sqrt(2 / fan), (std) => std * Math.sqrt(3)],
];

test.each(cases)(
  '%s draws have their mean and deviation, and are the same for the same key',
  async (_, initializer, stdOf, boundOf) => {
    for (const [shape, fan] of [
      [[512, 512], 512],
      [[3, 3, 64, 64], 576],
    ] as const) {
      const { data } = await draw(initializer, shape);
      const { mean, std } = moments(data);
      const target = stdOf(fan);
      expect(Math.abs(std / target - 1)).toBeLessThanOrEqual(0.02);
      expect(Math.abs(mean)).toBeLessThanOrEqual((4 * target) / Math.sqrt(data.length));
      const bound = boundOf(target) * (1 + 1e-6);
      expect(data.every((w: number) => Math.abs(w) <= bound)).toBe(true);
      expect(sameBits(await draw(initializer, shape), { data })).toBe(true);
    }
  },
);

describe('I-01 why zeros fail', () => {
  const { train, test: tested } = data.digitsSplit();
  const trained = async (activation: () => layers.Layer, weightInitializer: Initializer) => {
    const session = new Session(
      sequential(flatten(), dense(32, { weightInitializer }), activation(), dense(10, { weightInitializer })),
      {
        loss: losses.crossEntropy(),
        metrics: { accuracy: metrics.accuracy() },
        optimizer: optimizers.sgd({ rate: 0.1 }),
        seed: 1,
      },
    );
    await fit(session, train, { epochs: 5 });
    const first = session.read('dense.weight');
    const { accuracy } = await evaluate(session, tested);
    session.dispose();
    return { first, accuracy: accuracy as number };
  };

  test.each([
    ['zeros', zeros],
    ['a constant', constant(0.1)],
  ])('units that start from %s get equal gradients and stay equal', async (_, start) => {
    const { first } = await trained(sigmoid, start);
    expect(first.data.every((w: number, i: number) => w === first.data[i - (i % 32)])).toBe(true);
    expect(moments(first.data).std).toBeGreaterThan(0);
  });

  test('behind a ReLU zeros stay zeros, and nothing is learned', async () => {
    const { first, accuracy } = await trained(relu, zeros);
    expect(first.data.every((w: number) => w === 0)).toBe(true);
    expect(accuracy).toBeLessThan(0.15); // chance; the reference has 0.058
  });
});

describe('what becomes of signals', () => {
  /** Mean square of what comes out of `depth` layers of `width` units, by that of what goes in. */
  async function growth(
    depth: number,
    width: number,
    weightInitializer: Initializer,
    activation?: () => layers.Layer,
  ): Promise<number> {
    const blocks = Array.from({ length: depth }, () => [
      dense(width, { weightInitializer, bias: false }),
      ...(activation ? [activation()] : []),
    ]);
    const session = new Session(sequential(...blocks.flat()), { seed: 3 });
    const x = tensor(hostNormal([5, 5], 64 * width), [64, width]);
    const y = await session.run(x);
    session.dispose();
    const square = ({ data }: Tensor) => Array.from(data).reduce((total, value) => total + value * value, 0);
    return square(y) / square(x);
  }

  test('I-03 a linear layer keeps the variance', async () => {
    expect(Math.abs((await growth(1, 512, xavierNormal())) - 1)).toBeLessThanOrEqual(0.05);
    expect(Math.abs((await growth(1, 512, xavierUniform())) - 1)).toBeLessThanOrEqual(0.05);
  });

  // Mean squares over 20 layers of 1024 units; the reference has 0.53 with He's deviation and 5.1e-7 with Xavier's.
  test('I-05 20 layers of ReLU keep it with He, and lose it with Xavier', async () => {
    const kept = await growth(20, 1024, heNormal(), relu);
    expect(kept).toBeGreaterThan(1 / 4);
    expect(kept).toBeLessThan(4);
    expect(await growth(20, 1024, xavierNormal(), relu)).toBeLessThan(1e-5);
  });
});

describe('I-07 from a model that was trained before', () => {
  const folder = temporaryFolder();
  const x = tensor(hostNormal([1, 2], 12), [3, 4]);
  const open = async (classes: number, seed: number, width = 6) => {
    const session = new Session(sequential({ body: dense(width), head: dense(classes) }), { seed });
    await session.run(x);
    return session;
  };

  test('what matches is copied bit for bit, the rest keeps its own start, and all is reported', async () => {
    const [before, after, fresh] = [await open(10, 1), await open(3, 2), await open(3, 2)];
    const file = join(folder, 'before.safetensors');
    await before.save(file);
    const report = await initializeFromPretrained(after, file, { match: /^(body|head)/ });
    expect(report).toEqual({
      matched: ['body.weight', 'body.bias'],
      missing: [],
      unexpected: ['random.key'],
      mismatched: ['head.weight', 'head.bias'],
    });
    expect(after.read('body.weight').data).toEqual(before.read('body.weight').data);
    expect(after.read('head.weight').data).toEqual(fresh.read('head.weight').data);
    for (const session of [before, after, fresh]) session.dispose();
  });

  test('names can be changed on the way', async () => {
    const session = await open(2, 4);
    const weight = tensor(hostNormal([8, 8], 24), [4, 6]);
    const rename = (name: string) => (name === 'features.weight' ? 'body.weight' : undefined);
    const source = new Map([
      ['features.weight', weight],
      ['other', weight],
    ]);
    const report = await initializeFromPretrained(session, source, { rename });
    expect(report).toMatchObject({ matched: ['body.weight'], unexpected: ['other'] });
    expect(report.missing).toEqual(['body.bias', 'head.weight', 'head.bias']);
    expect(session.read('body.weight').data).toEqual(weight.data);
    session.dispose();
  });

  test('what it refuses', async () => {
    const session = await open(2, 4);
    await expect(initializeFromPretrained(session, new Map([['stem', x]]))).rejects.toThrow(
      refusal('STATE', 'initializeFromPretrained', 'stem'),
    );
    await expect(initializeFromPretrained(session, new Map(), { only: 1 } as never)).rejects.toThrow(
      refusal('OPTION', "'only'"),
    );
    await expect(initializeFromPretrained(new Session(dense(1)), new Map())).rejects.toThrow(
      refusal('STATE', 'traced by a step or run'),
    );
    session.dispose();
  });
});

describe('I-08 audit', () => {
  const x = tensor(hostNormal([1, 2], 128 * 64), [128, 8, 8, 1]);
  const auditOf = async (weightInitializer: Initializer) => {
    const options = { weightInitializer };
    const model = sequential(
      layers.conv2d(16, 3, options),
      relu(),
      flatten(),
      dense(64, options),
      functions.tanh,
      dense(10, options),
    );
    const session = new Session(model, { seed: 1 });
    const audits = await auditInitialization(session, x);
    session.dispose();
    return audits;
  };

  test.each([
    ['xavierNormal', xavierNormal(), 1],
    ['xavierUniform', xavierUniform(), 1],
    ['heNormal', heNormal(), 2],
    ['heUniform', heUniform(), 2],
  ])('%s is sound: half positive, mean 0, signals kept', async (_, initializer, gain) => {
    const audits = await auditOf(initializer);
    expect(audits.map(({ path }) => path)).toEqual(['conv2d.weight', 'dense.weight', 'dense2.weight']);
    for (const { positive, findings, mean, std } of audits.slice(1, 2)) {
      expect(Math.abs(positive - 0.5)).toBeLessThanOrEqual(0.05);
      expect(Math.abs(mean)).toBeLessThanOrEqual(0.02 * std + 0.001);
      expect(findings).toEqual([]);
    }
    expect(audits[1]?.gain).toBeGreaterThan(0.5);
    expect(audits[1]?.gain).toBeLessThan(3 * gain); // ReLU before it leaves a mean, which counts as signal
  });

  test('zeros, one sign, and wrong scales are found', async () => {
    const found = async (initializer: Initializer) => (await auditOf(initializer))[1]?.findings.join();
    expect(await found(zeros)).toMatch('all numbers are equal');
    expect(await found(uniform({ low: 0, high: 0.1 }))).toMatch('100 % of the numbers are positive');
    expect(await found(normal({ std: 0.001 }))).toMatch('signals fade');
    expect(await found(normal({ std: 1 }))).toMatch('signals grow');
  });
});

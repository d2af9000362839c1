/** Training that simulates bytes, and the bytes that it then becomes. */
import {
  compress,
  data,
  fit,
  type InferenceModel,
  layers,
  losses,
  metrics,
  optimizers,
  Session,
  type Tensor,
} from '../../lib';
import { fakeQuantize, fakeQuantizeWeights } from '../../lib/functions';
import { constant } from '../../lib/ops/source';
import { numbers, slope } from '../catalogue/numbers';
import { expectClose, expectHand, F32 } from '../closeness';
import { refusal, temporaryFolder } from '../io/refusal';

const { batchNorm, conv2d, dense, dropout, globalAveragePool, maxPool, relu, residual, sequential } = layers;

const folder = temporaryFolder();

describe('fake quantization', () => {
  const scale = 4 / 255;

  test('numbers that bytes stand for', () => {
    const y = numbers(fakeQuantize(constant([-1, 0, 1, 3, -7, 9]), { scale, zeroPoint: 64 }));
    expectHand(y, [-64 * scale, 0, 64 * scale, 191 * scale, -64 * scale, 191 * scale]);
  });

  test('gradients pass where nothing is saturated', () => {
    const x = constant([-2, -0.5, 0.3, 2, 4]);
    expect(slope(fakeQuantize(x, { scale, zeroPoint: 64 }), x, [1, 2, 3, 4, 5])).toEqual([0, 2, 3, 4, 0]);
    const w = constant([[-1], [0.4], [0.9]]);
    expect(slope(fakeQuantizeWeights(w), w, [[1], [2], [3]])).toEqual([1, 2, 3]);
  });

  test('weights have a scale for each filter', () => {
    const w = constant([
      [-1, 0.1],
      [0.4, -0.02],
    ]);
    expectHand(numbers(fakeQuantizeWeights(w)), [-1, 0.1, 25 / 63, (-13 / 63) * 0.1]);
    expectHand(numbers(fakeQuantizeWeights(w, { bits: 8, axis: 0 })), [-1, 13 / 127, 0.4, (-6 / 127) * 0.4]);
  });

  test('options', () => {
    const x = constant([1]);
    expect(() => fakeQuantize(x, { scale: 1, zero: 3 } as never)).toThrow(refusal('OPTION', 'fakeQuantize', 'zero'));
    expect(() => fakeQuantizeWeights(x, { bits: 4 as never })).toThrow(refusal('OPTION', 'bits', '7, 8'));
  });
});

const net = sequential(
  conv2d(8, 3, { padding: 1, bias: false }),
  batchNorm(),
  relu(),
  maxPool(2),
  residual(sequential(conv2d(8, 3, { padding: 1 }), batchNorm(), relu(), conv2d(8, 3, { padding: 1 }), batchNorm())),
  relu(),
  globalAveragePool(),
  dropout(0.1),
  dense(10),
);

const common = { loss: losses.crossEntropy(), metrics: { accuracy: metrics.accuracy() }, seed: 2 };
const { train, test: unseen } = data.digitsSplit();

/** A trained session, as a checkpoint. */
async function trained(): Promise<string> {
  const path = `${folder}/net.safetensors`;
  const session = new Session(net, { ...common, optimizer: optimizers.adam({ rate: 0.01 }) });
  await fit(session, train, { epochs: 4, batchSize: 32 });
  await session.save(path);
  session.dispose();
  return path;
}

const openAware = (options: compress.QuantizationAwareOptions = {}) =>
  new Session(compress.quantizationAware(net, options), { ...common, optimizer: optimizers.adam({ rate: 5e-4 }) });

describe('a model that is aware of quantization', () => {
  let path: string;
  beforeAll(async () => {
    path = await trained();
  });

  test('learns, and becomes the integers that it has simulated', async () => {
    const session = openAware();
    await session.load(path);
    const before = await session.measure(unseen.input, unseen.target);
    await fit(session, train, { epochs: 2, batchSize: 32 });
    const after = await session.measure(unseen.input, unseen.target);
    expect(after.accuracy as number).toBeGreaterThan((before.accuracy as number) - 0.02);

    const { model, report } = await compress.quantize(session, train.input, { validation: unseen });
    expect(report.layers.every(({ converted }) => converted)).toBe(true);
    expect(report.accuracy?.after).toBeCloseTo(after.accuracy as number, 6);
    const [simulated, integers] = [await session.run(unseen.input), (await model.predict(unseen.input)) as Tensor];
    // Sums in float32 are not exact: now and then a number that lies between two bytes goes to the other one.
    const isClose = (a: number, i: number) => Math.abs(a - (simulated.data[i] as number)) <= 1e-5 + 1e-4 * Math.abs(a);
    expect([...integers.data].filter(isClose).length).toBeGreaterThan(0.97 * integers.data.length);
    model.dispose();
    session.dispose();
  });

  test('keeps what it is told to, and weights of 8 bits', async () => {
    const session = openAware({ bits: 8, keep: ['conv2d'] });
    await session.load(path);
    await session.step(train.input, train.target);
    const { model, report } = await compress.quantize(session, train.input);
    expect(report.layers.find(({ path: layer }) => layer === 'conv2d')?.reason).toBe('as asked for');
    expectClose((await model.predict(unseen.input)) as Tensor, await session.run(unseen.input), F32);
    const largest = (inference: InferenceModel) =>
      Math.max(
        ...inference.frozen.template.nodes.flatMap(({ tensor }) => (tensor?.dtype === 'int8' ? [...tensor.data] : [])),
      );
    expect(largest(model)).toBe(127);
    model.dispose();
    session.dispose();
  });

  test('before its first step it computes with floats, and has no ranges', async () => {
    const session = openAware();
    await session.load(path);
    const float = new Session(net);
    await float.load(path);
    expectClose(await session.run(unseen.input), await float.run(unseen.input), { absolute: 1e-4, relative: 1e-4 });
    await expect(compress.quantize(session, train.input)).rejects.toThrow(refusal('STATE', 'quantize', 'a step'));
    session.dispose();
    float.dispose();
  });

  test('options', () => {
    expect(() => compress.quantizationAware(net, { bits: 3 as never })).toThrow(refusal('OPTION', 'bits'));
    expect(() => compress.quantizationAware(net, { momentum: 0 })).toThrow(refusal('VALUE', 'momentum'));
    expect(() => compress.quantizationAware(net, { rate: 0 } as never)).toThrow(refusal('OPTION', 'rate'));
  });
});

/** Chapter Q: affine quantization to 8 bits. */
import { compress, data, fit, layers, losses, metrics, optimizers, Session, type Tensor } from '../../lib';
import { planQuantization } from '../../lib/compiler/quantization-plan';
import { quantizeWeights } from '../../lib/compiler/quantize-weights';
import { cnn } from '../../lib/models';
import { matmul } from '../../lib/ops';
import { byteOf, quantizationOf, symmetricScale } from '../../lib/ops/quantization-range';
import { roundHalfEven } from '../../lib/ops/quantize-linear';
import { constant, feed } from '../../lib/ops/source';
import { expectClose, expectHand, F32 } from '../closeness';
import { simulatedOutput } from '../compress/simulated';
import { normal, openRandom } from '../inference/open';

const { batchNorm, conv2d, dense, flatten, maxPool, relu, sequential } = layers;

describe('Q-26 int8 affine quantization', () => {
  const weights = [-1, -0.25, 0.4, 0.9];

  test('symmetric weights', () => {
    const scale = symmetricScale(1, 8);
    expect(scale).toBeCloseTo(0.007874, 6);
    const whole = weights.map((w) => roundHalfEven(w / scale));
    expect(whole).toEqual([-127, -32, 51, 114]);
    const worst = Math.max(...weights.map((w, i) => Math.abs(w - scale * (whole[i] as number))));
    expect(worst).toBeCloseTo(0.002362, 6);
  });

  test('a range of activations', () => {
    const code = quantizationOf(-1, 3);
    expect(code.scale).toBeCloseTo(0.015686, 6);
    expect(code.zeroPoint).toBe(64);
    expect([-1, 0, 1, 3].map((x) => byteOf(x, code))).toEqual([0, 64, 128, 255]);
  });

  test('halves go to the even number', () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5].map(roundHalfEven)).toEqual([0, 2, 2, 0, -2, -2]);
  });

  test('each filter has a scale of its own; biases are in units of the sums', () => {
    const w = constant([
      [-1, 0.02],
      [0.4, 0.015],
    ]);
    const [layer] = planQuantization([matmul(feed('x', [1, 2]), w)]).layers;
    const { weight, scale, bias } = quantizeWeights(layer as NonNullable<typeof layer>, 0.5, 8);
    expect([...weight.data]).toEqual([-127, 127, 51, 95]);
    expectHand(scale, [1 / 127, 0.02 / 127].map(Math.fround));
    expect([...bias.data]).toEqual([0, 0]);
  });

  test.each([
    ['convolutions', sequential(conv2d(8, 3, { padding: 1 }), batchNorm(), relu(), conv2d(5, 3)), [3, 9, 9, 6]],
    ['products', sequential(dense(20), relu(), dense(5)), [7, 30]],
  ] as const)('the integer forward equals the simulated one: %s', async (_, model, shape) => {
    const input = normal(5, shape);
    const session = await openRandom(model, input);
    for (const bits of [7, 8] as const) {
      const { model: quantized } = await compress.quantize(session, input, { method: 'minMax', bits });
      expectClose((await quantized.predict(input)) as Tensor, await simulatedOutput(session, input, { bits }), F32);
      quantized.dispose();
    }
    session.dispose();
  });

  test('weights of 8 bits that were quantized elsewhere stay as they are', async () => {
    const whole = Int8Array.from({ length: 9 * 4 * 6 }, (_, i) => ((i * 37) % 255) - 127);
    whole.set([127, -127, 127, -127, 127, 127]); // each filter has the largest number
    const input = normal(6, [2, 7, 7, 4]);
    const session = await openRandom(sequential(conv2d(6, 3, { bias: false })), input);
    session.write('conv2d.weight', {
      dtype: 'float32',
      shape: [3, 3, 4, 6],
      data: Float32Array.from(whole, (number, i) => number * (0.01 + 0.003 * (i % 6))),
    });
    const { model } = await compress.quantize(session, input, { bits: 8 });
    const made = model.frozen.template.nodes.find(({ tensor }) => tensor?.dtype === 'int8')?.tensor;
    expect([...(made?.data ?? [])]).toEqual([...whole]);
    model.dispose();
    session.dispose();
  });

  /** The recipe's accuracy with PyTorch: 0.981 to 0.986 over 3 seeds. */
  describe('CNN-D8', () => {
    const stage = (filters: number) => [conv2d(filters, 3, { padding: 1 }), batchNorm(), relu(), maxPool(2)];
    const { train, test: unseen } = data.digitsSplit();
    let session: Session;

    beforeAll(async () => {
      session = new Session(sequential(...stage(8), ...stage(16), flatten(), dense(10)), {
        loss: losses.crossEntropy(),
        metrics: { accuracy: metrics.accuracy() },
        optimizer: optimizers.sgd({ rate: 0.05, momentum: 0.9 }),
        seed: 1,
      });
      await fit(session, train, { epochs: 15, batchSize: 32 });
    });
    afterAll(() => session.dispose());

    test.each(compress.calibrationMethods)('loses at most 0.01 by %s', async (method) => {
      const { model, report } = await compress.quantize(session, train.input, { method, validation: unseen });
      const { before, after } = report.accuracy as compress.Change;
      expect(before).toBeGreaterThanOrEqual(0.97);
      expect(before - after).toBeLessThanOrEqual(0.01);
      model.dispose();
    });

    test('Q-01 parameters are reported, layer by layer', async () => {
      const { model, report } = await compress.quantize(session, train.input);
      expect(report.layers.map(({ path, parameters }) => [path, parameters])).toEqual([
        ['conv2d', 72],
        ['conv2d2', 1152],
        ['dense', 640],
      ]);
      // int8 weights, int32 biases and float32 scales against float32 weights and biases
      expect(report.layers[1]?.bytes).toEqual({ before: 4 * 1152 + 4 * 16, after: 1152 + 8 * 16 });
      model.dispose();
    });
  });

  test('the file is 4 times smaller', async () => {
    const session = new Session(cnn({ hidden: 512 }));
    const { input } = data.take(data.digitsSplit().train, 32);
    const { model, report } = await compress.quantize(session, input);
    expect(report.bytes.before / report.bytes.after).toBeGreaterThan(3.8);
    model.dispose();
    session.dispose();
  });
});

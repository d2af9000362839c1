/** Recurrent networks on digits read row by row (DIGITS-SEQ), and the tools that look into them. */
import {
  data,
  evaluate,
  fit,
  forgetBiasProfile,
  gateAblation,
  layers,
  losses,
  metrics,
  optimizers,
  recurrentGradientProfile,
  Session,
  type Tensor,
  tensor,
} from '../../lib';
import { hostUniform } from '../../lib/graph/philox';
import { expectClose, F32 } from '../closeness';

const { dense, gru, lstm, reshape, rnn, sequential } = layers;
const { train, validation, test: held } = data.digitsSplit();

/** Test accuracy after the common recipe: Adam 0.005, batches of 32. */
async function accuracyOf(recurrent: layers.Layer, epochs: number): Promise<number> {
  const session = new Session(sequential(reshape(8, 8), recurrent, dense(10)), {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.adam({ rate: 0.005 }),
    seed: 1,
  });
  try {
    await fit(session, train, { epochs, batchSize: 32 });
    return (await evaluate(session, held)).accuracy as number;
  } finally {
    session.dispose();
  }
}

describe('digits, row by row', () => {
  const last = { units: 32, sequences: false } as const;
  const rows: [string, layers.Layer, number][] = [
    ['R-01 rnn', rnn(last), 0.93],
    ['R-04 two layers of lstm', lstm({ ...last, layers: 2 }), 0.93],
    ['R-05 bidirectional gru', gru({ ...last, bidirectional: true }), 0.94],
    ['R-07 lstm', lstm(last), 0.93],
    ['R-12 gru', gru(last), 0.93],
  ];
  test.each(rows)('%s', async (_, recurrent, least) => {
    expect(await accuracyOf(recurrent, 25)).toBeGreaterThanOrEqual(least);
  });

  test('R-11 gates left out', async () => {
    const input = () => reshape(8, 8);
    const { accuracy, report } = await gateAblation({ train, validation, classes: 10, units: 16, epochs: 8, input });
    expect(Object.keys(accuracy)).toEqual(['all', 'noInput', 'noForget', 'noOutput']);
    for (const share of Object.values(accuracy)) expect(share).toBeGreaterThan(0.5);
    expect(report).toMatch(/^((all|noInput|noForget|noOutput) +0\.\d{4}\n?){4}$/);
  });
});

describe('R-15 vanishing and exploding gradients', () => {
  const scalar = (w: number): Tensor => tensor([[w]]);
  const still = (steps: number): Tensor => tensor(new Float32Array(steps), [1, steps, 1]);
  const linear = (w: number, steps = 50) =>
    recurrentGradientProfile({ weight: scalar(w), sequence: still(steps), activation: 'identity' });

  test('a linear unit: powers of its weight', async () => {
    const [fading, growing] = [await linear(0.9), await linear(1.1)];
    for (const [profile, w, printed] of [
      [fading, Math.fround(0.9), 0.00515378],
      [growing, Math.fround(1.1), 117.390853],
    ] as const) {
      expect(profile.norms.length).toBe(51);
      expect((profile.norms[0] as number) / printed).toBeCloseTo(1, 5);
      profile.norms.forEach((norm, t) => {
        expect(norm / w ** (50 - t)).toBeCloseTo(1, 5);
        expect((profile.bounds[t] as number) / w ** (50 - t)).toBeCloseTo(1, 9);
      });
    }
    expect([fading.verdict, growing.verdict]).toEqual(['steady', 'steady']);
  });

  test('the verdict', async () => {
    expect((await linear(0.5)).verdict).toBe('vanishing');
    expect((await linear(1.5)).verdict).toBe('exploding');
    expect((await linear(1)).verdict).toBe('steady');
  });

  test.each(['tanh', 'sigmoid', 'relu', 'identity'] as const)('%s: no norm exceeds its bound', async (activation) => {
    const [n, steps, units] = [3, 20, 8];
    const draw = (seed: number, size: number, scale: number): Float32Array =>
      Float32Array.from(hostUniform([seed, 0], size), (x) => (2 * x - 1) * scale);
    for (const scale of [0.3, 0.8]) {
      const { norms, bounds } = await recurrentGradientProfile({
        weight: tensor(draw(1, units * units, scale), [units, units]),
        sequence: tensor(draw(2, n * steps * units, 1), [n, steps, units]),
        activation,
      });
      norms.forEach((norm, t) => {
        expect(norm).toBeGreaterThan(0);
        expect(norm).toBeLessThanOrEqual((bounds[t] as number) * (1 + 1e-5));
      });
    }
  });
});

test('R-10 what the forget bias leaves of the cell after 40 steps', async () => {
  const profile = await forgetBiasProfile({ biases: [0, 1, 3] });
  expect(profile.map(({ bias }) => bias)).toEqual([0, 1, 3]);
  const printed = [9.094947e-13, 3.614824e-6, 0.143203];
  profile.forEach(({ slope }, i) => {
    expect(slope / (printed[i] as number)).toBeCloseTo(1, 4);
  });
});

test('a saved model serves any number of sequences', async () => {
  const session = new Session(sequential(lstm({ units: 5, layers: 2, bidirectional: true }), gru({ units: 3 })));
  const x = tensor(Float32Array.from(hostUniform([3, 0], 4 * 6 * 2)), [4, 6, 2]);
  const expected = await session.run(x);
  const model = await session.compileForInference({ dtype: 'float32', shape: [1, 6, 2] });
  expectClose((await model.predict(x)) as Tensor, expected, F32);
  session.dispose();
});

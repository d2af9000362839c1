/** I-01 to I-06 at work: what the first weights do to a network, natively. */
import {
  data,
  evaluate,
  fit,
  functions,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  Session,
  tensor,
} from '../../lib';
import { hostNormal } from '../../lib/graph/philox';

const { dense, flatten, relu, sequential, sigmoid } = layers;
const { heNormal, heUniform, xavierNormal, xavierUniform, zeros } = initializers;

const { train, test: testSet } = data.digitsSplit();

describe('I-01 weights that are all zeros do not learn', () => {
  async function trained(activation: layers.Layer) {
    const units = { weightInitializer: zeros };
    const session = new Session(sequential(flatten(), dense(32, units), activation, dense(10, units)), {
      loss: losses.crossEntropy(),
      metrics: { accuracy: metrics.accuracy() },
      optimizer: optimizers.sgd({ rate: 0.1 }),
    });
    await fit(session, train, { epochs: 5 });
    const { accuracy } = await evaluate(session, testSet);
    const [hidden, head] = ['dense.weight', 'dense2.weight'].map((path) => session.read(path).data as Float32Array);
    session.dispose();
    if (!hidden || !head) throw new Error('no weights');
    return { accuracy, hidden, head };
  }

  test('units behind a sigmoid stay identical', async () => {
    const { accuracy, hidden, head } = await trained(sigmoid());
    expect(accuracy).toBeLessThan(0.3);
    expect(head.some((w) => w !== 0)).toBe(true);
    expect(hidden).toEqual(hidden.map((_, i) => hidden[i - (i % 32)] as number)); // [64, 32]: one unit per column
    expect(head).toEqual(head.map((_, i) => head[i % 10] as number)); // [32, 10]: one unit per row
  });

  test('units behind a ReLU stay at 0', async () => {
    const { accuracy, hidden, head } = await trained(relu());
    expect(accuracy).toBeLessThan(0.2);
    expect([...hidden, ...head].every((w) => w === 0)).toBe(true);
  });
});

describe('through layers', () => {
  const meanSquare = (numbers: ArrayLike<number>): number =>
    Array.from(numbers).reduce((total, x) => total + x * x, 0) / numbers.length;

  /** E[y^2] / E[x^2] of a stack of layers without bias. */
  async function gain(width: number, depth: number, weightInitializer: typeof zeros, activation = functions.identity) {
    const examples = 32;
    const input = tensor(hostNormal([5, 5], examples * width), [examples, width]);
    const stack = Array.from({ length: depth }, () => dense(width, { bias: false, weightInitializer, activation }));
    const session = new Session(sequential(...stack), { seed: 1 });
    const output = await session.run(input);
    session.dispose();
    return meanSquare(output.data) / meanSquare(input.data);
  }

  test.each([
    ['I-03 Xavier normal', xavierNormal()],
    ['I-03 Xavier normal, by inputs', xavierNormal({ fan: 'in' })],
    ['I-04 Xavier uniform', xavierUniform()],
  ])('%s keeps the variance of a linear layer', async (_, initializer) => {
    expect(Math.abs((await gain(1024, 1, initializer)) - 1)).toBeLessThan(0.05);
  });

  test.each([
    ['I-05 He normal', heNormal()],
    ['I-06 He uniform', heUniform()],
  ])('%s keeps the mean square of 20 ReLU layers', async (_, initializer) => {
    const kept = await gain(512, 20, initializer, functions.relu);
    expect(kept).toBeGreaterThan(1 / 4);
    expect(kept).toBeLessThan(4);
  });

  test('I-03 Xavier normal does not: half of it is lost in each', async () => {
    expect(await gain(512, 20, xavierNormal(), functions.relu)).toBeLessThan(1e-5);
  });
});

/** Binary networks learn the digits, by the recipes and thresholds of the catalogue, and become bits without a loss. */
import { biRealResnet18, compress, data, fit, layers, losses, metrics, optimizers, quicknet, Session } from '../../lib';
import { evaluate } from '../../lib/models';

const { batchNorm, binaryConv2d, conv2d, dense, flatten, maxPool, relu, sequential } = layers;

const same = { padding: 1 } as const;

/** Binary weights, real activations. */
const weightsOnly = (options: layers.BinaryAffineOptions) =>
  sequential(
    ...[16, 32].flatMap((filters) => [
      binaryConv2d(filters, 3, { ...same, ...options }),
      batchNorm(),
      relu(),
      maxPool(2),
    ]),
    flatten(),
    dense(10),
  );

/** Both binary, in the order of XNOR-Net; first and last layer are real. */
const both = (options: layers.BinaryAffineOptions) =>
  sequential(
    conv2d(16, 3, same),
    relu(),
    maxPool(2),
    batchNorm(),
    binaryConv2d(32, 3, { ...same, ...options }),
    maxPool(2),
    batchNorm(),
    binaryConv2d(32, 3, { ...same, ...options }),
    relu(),
    flatten(),
    dense(10),
  );

/** The network, the least accuracy, and what PyTorch reaches by the same recipe. */
const recipes: [string, layers.Layer, number, string][] = [
  ['Q-28 BinaryConnect, deterministic', weightsOnly({ method: 'binaryConnect' }), 0.92, '0.947-0.964'],
  ['Q-31 binary weights with factors', weightsOnly({ method: 'bwn' }), 0.88, '0.908-0.961'],
  ['Q-30 binarised networks', both({ method: 'bnn' }), 0.89, '0.919-0.942'],
  ['Q-32 XNOR-Net', both({ method: 'xnor' }), 0.92, '0.953-0.964'],
];

test.each(recipes)('%s', async (_, network, least) => {
  const { train, test: unseen } = data.digitsSplit();
  const session = new Session(network, {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.adam({ rate: 0.005 }),
    seed: 1,
  });
  await fit(session, train, { epochs: 20, batchSize: 32 });
  const { accuracy } = await evaluate(session, unseen);
  expect(accuracy).toBeGreaterThanOrEqual(least);
  // The real weights that are learnt have stayed in [-1, 1], some of them at the bounds.
  const latent = session.declarations().filter(({ path }) => /^binaryConv2d\d*\.weight/.test(path));
  const numbers = latent.flatMap(({ path }) => [...session.read(path).data]);
  expect(latent.length).toBe(2);
  expect(Math.max(...numbers.map(Math.abs))).toBeLessThanOrEqual(1);

  // Deployed, these layers have nothing but +-1, and every image gets the class that it got before.
  const { model, report } = await compress.binarize(session, { validation: unseen });
  const converted = report.layers.filter((layer) => layer.converted).map(({ path }) => path);
  expect(converted).toEqual(['binaryConv2d', 'binaryConv2d2']);
  expect(report.accuracy?.before).toBeCloseTo(accuracy as number, 6);
  expect(report.accuracy?.after).toBe(report.accuracy?.before);
  expect(report.bytes.after).toBeLessThan(report.bytes.before);
  model.dispose();
  session.dispose();
});

test.each([
  ['quicknet', quicknet({ form: 'cifar', filters: [16, 32], blocks: [2, 2], classes: 10 }), 0.95],
  ['Bi-Real ResNet-18', biRealResnet18({ form: 'cifar', filters: 8, classes: 10 }), 0.85],
])('%s learns with both made of +-1', async (_, network, least) => {
  const { train, test: unseen } = data.digitsSplit();
  const session = new Session(network, {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.adam({ rate: 0.005 }),
    seed: 1,
  });
  await fit(session, train, { epochs: 10, batchSize: 32 });
  expect((await evaluate(session, unseen)).accuracy).toBeGreaterThanOrEqual(least);
  session.dispose();
});

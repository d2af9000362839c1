/** Your own activation, loss, layer and optimizer, in a few lines each: fused and run natively like the built-in ones. */
import { data, evaluate, fit, layers, metrics, ops, Session, type Value } from '../lib';

/** Swish: x * sigmoid(x). */
const swish = (x: Value): Value => ops.mul(x, ops.sigmoid(x));

/** Log-cosh of the difference to one-hot labels: one number per example. */
const logCosh = (prediction: Value, labels: Value): Value => {
  const error = ops.abs(ops.sub(prediction, ops.oneHot(labels, 10)));
  const perElement = ops.sub(ops.add(error, ops.log1p(ops.exp(ops.mul(error, -2)))), Math.LN2);
  return ops.mean(perElement, { axes: [1] });
};

/** Multiplies every feature by a learned factor. */
const scale = () =>
  layers.layer('scale', (x, scope) => {
    const features = x.shape.at(-1) as number;
    const ones = (shape: readonly number[]) => ops.broadcastTo(ops.constant(1), shape);
    return ops.mul(x, scope.param('factor', [features], ones));
  });

/** Sign descent: gradients in, what is added to the parameters out. */
const signDescent =
  (rate: number) =>
  (gradients: ReadonlyMap<string, Value>): Map<string, Value> =>
    new Map([...gradients].map(([path, gradient]) => [path, ops.mul(ops.sign(gradient), -rate)]));

/** Trains with all four and returns the test accuracy. */
export async function main(): Promise<number> {
  const model = layers.sequential(
    layers.flatten(),
    layers.dense(64),
    layers.layer('swish', swish),
    scale(),
    layers.dense(10),
  );
  const session = new Session(model, {
    loss: logCosh,
    optimizer: signDescent(0.0005),
    metrics: { accuracy: metrics.accuracy() },
  });
  const { train, test } = data.digitsSplit();
  await fit(session, train, { epochs: 40 });
  const { accuracy } = await evaluate(session, test);
  await session.run(data.take(test, 8).input);
  console.log(session.explain());
  console.log(`test accuracy ${accuracy}`);
  session.dispose();
  return accuracy as number;
}

if (require.main === module) main();

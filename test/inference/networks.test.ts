/** Whole networks with random statistics: folded as near to the float64 reference as unfolded, and nothing left over. */
import { cnn, type layers, lenet, mobilenetV2, resnet18, resnet20, squeezenet, type Tensor, vgg11 } from '../../lib';
import { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import { feed } from '../../lib/ops/source';
import { evaluate, widen } from '../../lib/reference';
import { distance, kernelsOf, normal, openRandom } from './open';

/** Networks, the side of their images, and how many passes stand alone (a mean of few numbers). */
const networks: Readonly<Record<string, [layers.Layer, number, number]>> = {
  lenet: [lenet({ filters: [4, 6], hidden: 20 }), 12, 0],
  cnn: [cnn({ filters: [4, 6], hidden: 20 }), 12, 0],
  resnet18: [resnet18({ filters: 4, classes: 6 }), 32, 0],
  resnet20: [resnet20({ filters: 4 }), 16, 0],
  mobilenet: [mobilenetV2({ width: 0.1, classes: 6 }), 32, 0],
  squeezenet: [squeezenet({ classes: 6 }), 33, 1],
  vgg: [vgg11({ form: 'cifar', batchNorm: true, filters: 4, classes: 6 }), 32, 0],
};

test.each(Object.keys(networks))('%s', async (name) => {
  const [network, side, alone] = networks[name] as (typeof networks)[string];
  const input = normal(1, [2, side, side, 3]);
  const session = await openRandom(network, input);
  const trace = session.executor.newTrace(false);
  const output = network(feed('input', input.shape), new Scope(trace)) as Value;
  const states = [...trace.declarations.keys()].map((path) => [path, widen(session.read(path))] as const);
  const [exact] = evaluate([output], new Map([['input', widen(input)]]), new Map(states));
  const reference = exact as unknown as Tensor;

  const model = await session.compileForInference(input);
  const folded = distance((await model.predict(input)) as Tensor, reference);
  const unfolded = distance(await session.run(input), reference);
  expect(folded).toBeLessThan(3 * unfolded + 1e-6);

  const kernels = kernelsOf(model.explain(2));
  const count = (...names: readonly string[]) => kernels.filter((kernel) => names.includes(kernel)).length;
  expect(count('elementwise')).toBeLessThanOrEqual(count('conv2d', 'matmul', 'invertedBottleneck') + alone);
  expect(count('elementwise', 'conv2d', 'matmul', 'invertedBottleneck', 'maxPool', 'concat')).toBe(kernels.length);
  session.dispose();
  model.dispose();
});

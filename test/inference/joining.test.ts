/** Work that is joined or taken apart in inference models: the same numbers from other kernels. */
import { functions, type InferenceModel, layers, ops, type Tensor } from '../../lib';
import { distance, kernelsOf, normal, openRandom } from './open';

const { branch, conv2d, depthwiseConv2d, layer, maxPool, relu, relu6, sequential } = layers;

const image = normal(1, [3, 9, 8, 6]);

/** The kernels of the frozen model; its predictions are those of the session. */
async function kernels(model: layers.Layer, input: Tensor = image): Promise<string[]> {
  const session = await openRandom(model, input);
  const frozen: InferenceModel = await session.compileForInference(input);
  expect(distance((await frozen.predict(input)) as Tensor, await session.run(input))).toBeLessThan(3e-6);
  const names = kernelsOf(frozen.explain(3));
  session.dispose();
  frozen.dispose();
  return names;
}

describe('inverted bottlenecks', () => {
  const narrow = conv2d(5, 1);
  const filter = () => depthwiseConv2d(3, { padding: 1 });

  test.each<[string, layers.Layer, number]>([
    ['with expansion', sequential(conv2d(20, 1), relu6(), filter(), relu6(), narrow), 1],
    ['of other bounds', sequential(conv2d(20, 1), relu(), filter(), conv2d(5, 1, { bias: false })), 1],
    ['without biases', sequential(conv2d(20, 1, { bias: false }), depthwiseConv2d(3, { bias: false }), narrow), 1],
    ['without expansion', sequential(filter(), relu(), narrow), 1],
    ['with stride', sequential(conv2d(20, 1), depthwiseConv2d(5, { stride: 2, padding: 2 }), relu6(), narrow), 1],
    ['twice', sequential(conv2d(20, 1), filter(), narrow, relu(), conv2d(12, 1), filter(), conv2d(5, 1)), 2],
  ])('%s', async (_, model, count) => {
    const names = await kernels(model);
    expect(names.filter((name) => name === 'invertedBottleneck')).toHaveLength(count);
    expect(names).not.toContain('conv2d');
  });

  test.each<[string, layers.Layer]>([
    ['a multiplied filter', sequential(conv2d(10, 1), depthwiseConv2d(3, { multiplier: 2 }), narrow)],
    ['a wide projection', sequential(conv2d(10, 1), filter(), conv2d(5, 3))],
    ['another activation', sequential(conv2d(10, 1), filter(), layers.tanh(), narrow)],
    ['a projection with stride', sequential(conv2d(10, 1), filter(), conv2d(5, 1, { stride: 2 }))],
  ])('not %s', async (_, model) => {
    expect(await kernels(model)).not.toContain('invertedBottleneck');
  });

  test('not where somebody else reads what lies between', async () => {
    const wide = conv2d(12, 1);
    const deep = sequential(filter(), relu6(), conv2d(12, 1));
    const model = layer('twice', (x, scope) => {
      const expanded = functions.relu6(wide(x, scope));
      return ops.add(deep(expanded, scope), expanded);
    });
    const names = await kernels(model);
    expect(names.filter((name) => name === 'invertedBottleneck')).toHaveLength(1); // filter and projection alone
    expect(names).toContain('conv2d');
  });
});

describe('concatenations before 1x1 convolutions', () => {
  const both = (filters = 8) => branch({ narrow: conv2d(filters, 1), wide: conv2d(filters, 3, { padding: 1 }) });

  test.each<[string, layers.Layer]>([
    ['a convolution to few channels', sequential(both(), relu(), conv2d(4, 1))],
    ['behind a pool', sequential(both(), relu(), maxPool(2), conv2d(4, 1), relu())],
    ['behind two pools', sequential(both(), maxPool(3, { stride: 1 }), relu(), maxPool(2), conv2d(8, 1))],
  ])('%s', async (_, model) => {
    expect(await kernels(model)).not.toContain('concat');
  });

  test.each<[string, layers.Layer]>([
    ['a convolution to many channels', sequential(both(), relu(), conv2d(9, 1))],
    ['a wide convolution', sequential(both(), conv2d(4, 3))],
    ['a convolution in groups', sequential(both(), conv2d(4, 1, { groups: 2 }))],
    ['no convolution', sequential(both(), maxPool(2))],
  ])('not before %s', async (_, model) => {
    expect(await kernels(model)).toContain('concat');
  });
});

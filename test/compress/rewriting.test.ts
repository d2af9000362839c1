/** Graphs become the integer kernels that they should, and these give what a simulation in floats gives. */
import { compress, layers, ops, type Tensor } from '../../lib';
import { invertedResidual } from '../../lib/models/networks/mobilenet';
import { expectClose, F32 } from '../closeness';
import { distance, kernelsOf, normal, openRandom } from '../inference/open';
import { simulatedOutput } from './simulated';

const { averagePool, batchNorm, branch, conv2d, dense, depthwiseConv2d, flatten, globalAveragePool, layer } = layers;
const { maxPool, relu, relu6, residual, sequential, sigmoid, silu, softmax } = layers;

const image = normal(1, [4, 9, 9, 6]);
const rows = normal(2, [5, 6]);

const convNorm = (filters: number, size = 3) =>
  sequential(conv2d(filters, size, { bias: false, padding: 'same' }), batchNorm());

/** Both branches of `x` are read again: by the concatenation and by a convolution of their own. */
const dense2 = layer('dense2', (x, scope) => {
  const first = relu()(convNorm(4)(x, scope), scope);
  const second = relu()(convNorm(4)(ops.concat([x, first], { axis: -1 }), scope), scope);
  return ops.concat([first, second], { axis: -1 });
});

const [q, conv, max, mean] = ['quantizeLinear', 'quantizedConv2d', 'maxPool', 'quantizedAveragePool'];

const cases: readonly [string, layers.Layer, Tensor, readonly string[]][] = [
  ['convolutions', sequential(convNorm(8), relu(), convNorm(5)), image, [q, conv, conv]],
  ['without padding, stride', sequential(conv2d(8, 3, { stride: 2 }), relu(), conv2d(4, 2)), image, [q, conv, conv]],
  ['groups', sequential(conv2d(6, 3, { groups: 3 }), batchNorm(), relu(), conv2d(4, 1)), image, [q, conv, conv]],
  [
    'a filter per channel',
    sequential(depthwiseConv2d(3, { multiplier: 2 }), relu6(), conv2d(4, 1)),
    image,
    [q, conv, conv],
  ],
  ['products', sequential(dense(7), relu(), dense(3)), rows, [q, conv, conv]],
  [
    'pooling between convolution and bias',
    sequential(conv2d(8, 3), maxPool(2), relu(), conv2d(4, 1), flatten(), dense(3)),
    image,
    [q, conv, max, conv, conv],
  ],
  [
    'residual sums',
    sequential(
      residual(sequential(convNorm(8), relu(), convNorm(8)), { shortcut: convNorm(8, 1) }),
      relu(),
      residual(sequential(convNorm(8), relu(), convNorm(8))),
      relu(),
      convNorm(4),
    ),
    image,
    [q, conv, conv, conv, conv, conv, conv],
  ],
  ['an inverted bottleneck', sequential(convNorm(6), invertedResidual(6)), image, [q, conv, conv, conv, conv]],
  [
    'the mean of the image',
    sequential(convNorm(8), relu(), globalAveragePool(), dense(3)),
    image,
    [q, conv, mean, conv],
  ],
  ['averages', sequential(convNorm(8), averagePool(2), convNorm(4)), image, [q, conv, mean, conv]],
  [
    'branches and a bound behind them',
    sequential(convNorm(8), relu(), branch({ a: conv2d(4, 1), b: conv2d(6, 3, { padding: 1 }) }), relu(), conv2d(3, 1)),
    image,
    [q, conv, conv, conv, 'concat', conv],
  ],
  [
    'a concatenation of what others read',
    sequential(convNorm(6), relu(), dense2, conv2d(3, 1)),
    image,
    [q, conv, conv, 'mapBytes', 'mapBytes', 'concat', conv, 'mapBytes', 'concat', conv],
  ],
  [
    'activations become tables',
    sequential(convNorm(8), silu(), convNorm(4), sigmoid(), maxPool(2), conv2d(3, 1)),
    image,
    [q, conv, 'mapBytes', conv, 'mapBytes', max, conv],
  ],
  ['what has no integer form', sequential(convNorm(8), softmax(), convNorm(4)), image, [q, conv, 'softmax', q, conv]],
];

test.each(cases)('%s', async (_, model, input, kernels) => {
  const session = await openRandom(model, input);
  for (const source of [session, await session.compileForInference(input)]) {
    const { model: quantized } = await compress.quantize(source, input, { method: 'minMax' });
    if (source === session) {
      expect(kernelsOf(quantized.explain(4)).sort()).toEqual([...kernels].sort());
      expectClose((await quantized.predict(input)) as Tensor, await simulatedOutput(session, input), F32);
    }
    expect(distance((await quantized.predict(input)) as Tensor, await session.run(input))).toBeLessThan(0.06);
    quantized.dispose();
  }
  session.dispose();
});

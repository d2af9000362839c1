/** Folding changes what is computed, not what comes out: with random statistics, for every kind of layer. */

import type { Session } from '../../lib';
import { type InferenceModel, layers, type Tensor } from '../../lib';
import { distance, kernelsOf, normal, openRandom } from './open';

const { batchNorm, conv2d, dense, depthwiseConv2d, flatten, maxPool, relu, rescale, residual, sequential } = layers;

const image = normal(1, [4, 9, 9, 6]);
const rows = normal(2, [5, 6]);

/** Predictions before and after, and the kernels of the program. */
async function compare(
  model: layers.Layer,
  input: Tensor,
): Promise<{ error: number; kernels: string[]; text: string }> {
  const session: Session = await openRandom(model, input);
  const frozen: InferenceModel = await session.compileForInference(input);
  const error = distance((await frozen.predict(input)) as Tensor, await session.run(input));
  const text = frozen.explain(4);
  session.dispose();
  frozen.dispose();
  return { error, kernels: kernelsOf(text), text };
}

const shapes: readonly [string, layers.Layer, Tensor, readonly string[]][] = [
  ['convolution', sequential(conv2d(8, 3, { bias: false, padding: 1 }), batchNorm()), image, ['conv2d', 'elementwise']],
  ['convolution with bias', sequential(conv2d(8, 3), batchNorm(), relu()), image, ['conv2d', 'elementwise']],
  ['grouped', sequential(conv2d(6, 3, { groups: 3 }), batchNorm()), image, ['conv2d', 'elementwise']],
  ['depthwise', sequential(depthwiseConv2d(3, { multiplier: 2 }), batchNorm()), image, ['conv2d', 'elementwise']],
  ['dense', sequential(dense(7, { bias: false }), batchNorm(), relu()), rows, ['matmul', 'elementwise']],
  ['two norms', sequential(conv2d(8, 3), batchNorm(), batchNorm()), image, ['conv2d', 'elementwise']],
  ['norm before', sequential(relu(), batchNorm(), conv2d(8, 3)), image, ['elementwise', 'conv2d', 'elementwise']],
  [
    'norm before groups',
    sequential(relu(), batchNorm(), conv2d(4, 3, { groups: 2 })),
    image,
    ['elementwise', 'conv2d', 'elementwise'],
  ],
  ['norm before dense', sequential(relu(), batchNorm(), dense(4)), rows, ['elementwise', 'matmul', 'elementwise']],
  [
    'norm before padding',
    sequential(batchNorm(), conv2d(8, 3, { padding: 1 })),
    image,
    ['elementwise', 'conv2d', 'elementwise'],
  ],
  [
    'scale before padding',
    sequential(rescale({ scale: 0.1 }), conv2d(8, 3, { padding: 1 })),
    image,
    ['conv2d', 'elementwise'],
  ],
  ['dense behind dense', sequential(dense(5), dense(4)), rows, ['matmul', 'matmul', 'elementwise']],
  [
    'residual of two convolutions',
    sequential(
      residual(sequential(conv2d(8, 3, { padding: 1 }), batchNorm()), {
        shortcut: sequential(conv2d(8, 1), batchNorm()),
      }),
      relu(),
    ),
    image,
    ['conv2d', 'conv2d', 'elementwise'],
  ],
  [
    'residual',
    sequential(residual(sequential(conv2d(6, 3, { padding: 1 }), batchNorm())), relu()),
    image,
    ['conv2d', 'elementwise'],
  ],
  ['pooling', sequential(conv2d(8, 3), batchNorm(), relu(), maxPool(2)), image, ['conv2d', 'maxPool', 'elementwise']],
  [
    'flattened',
    sequential(conv2d(3, 3), batchNorm(), flatten(), batchNorm(), dense(4)),
    image,
    ['conv2d', 'elementwise', 'matmul', 'elementwise'],
  ],
];

test.each(shapes)('%s', async (_, model, input, expected) => {
  const { error, kernels, text } = await compare(model, input);
  if (kernels.join() !== expected.join()) console.log(text);
  expect(error).toBeLessThan(3e-6);
  expect(kernels).toEqual(expected);
});

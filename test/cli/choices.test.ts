/** What the command line offers by name. */
import { makeModel, modelNames } from '../../lib/cli/network';
import type { Layer } from '../../lib/layers';
import { feed } from '../../lib/ops/source';
import { traced } from '../pure/tracing';

describe('models', () => {
  test('the classic networks for small images are among them', () => {
    expect(modelNames).toEqual(
      expect.arrayContaining(['cnn', 'lenet', 'mlp', 'mobilenetV2', 'resnet18', 'resnet20', 'vgg11']),
    );
  });

  test.each(modelNames)('%s takes pictures of 28 and 32 pixels, of numbers or bytes', (name) => {
    for (const [side, channels] of [
      [28, 1],
      [32, 3],
    ] as const) {
      for (const dtype of ['float32', 'uint8'] as const) {
        const model = makeModel({ model: name }, 7, { dtype }) as Layer;
        expect(traced(model, feed('x', [2, side, side, channels], dtype), false).y.shape).toEqual([2, 7]);
      }
    }
  });
});

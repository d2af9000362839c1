/** ResNet-18 with signs as activations and weights, and a way around each of them (Liu et al. 2018, Bi-Real Net). */
import {
  averagePool,
  batchNorm,
  binaryConv2d,
  conv2d,
  type Layer,
  layer,
  maxPool,
  residual,
  sequential,
} from '../../layers';
import { convNorm, expectForm } from './blocks';
import { type ResnetOptions, resnet } from './resnet';

/**
 * batchNorm(alpha (sign(x) * B)) + shortcut(x): a 3x3 convolution of +-1 whose input goes around it as it is, so that real
 * numbers flow from the first layer to the last. The sign has the gradient 2 - 2 |x|.
 */
function binaryBlock(filters: number, stride: number): Layer {
  const body = sequential(
    binaryConv2d(filters, 3, { stride, padding: 1, scaleMap: false, surrogate: 'polynomial' }),
    batchNorm(),
  );
  return residual(body, { shortcut: smaller(filters, stride) });
}

/** x where it fits as it is, else means of 2x2 pixels and a real 1x1 convolution with batch normalisation. */
const smaller = (filters: number, stride: number): Layer =>
  layer('shortcut', (x, scope) => {
    if (stride === 1 && x.shape[3] === filters) return x;
    const pooled = stride === 1 ? x : averagePool(stride, { ceil: true, countIncludePad: false })(x, scope);
    return sequential(conv2d(filters, 1, { bias: false }), batchNorm())(pooled, scope);
  });

/**
 * Bi-Real ResNet-18: 11,689,512 parameters like ResNet-18, 10,985,472 of them of +-1: all but the first convolution, the
 * 1x1 convolutions and the last layer; its form for CIFAR-10 with 10 classes has 11,173,962. Options are those of
 * `resnet18`. No ReLU stands before a sign, which would give nothing but 1.
 *
 * @example biRealResnet18({ form: 'cifar', classes: 10 })
 */
export function biRealResnet18(options: ResnetOptions = {}): Layer {
  const { form = 'imagenet', filters = 64 } = options;
  expectForm('biRealResnet18', form);
  return resnet({
    ...options,
    stages: [2, 2, 2, 2],
    stem:
      form === 'cifar'
        ? convNorm(filters, 3)
        : sequential(convNorm(filters, 7, 2), maxPool(3, { stride: 2, padding: 1 })),
    block: (width, { stride = 1 }) => sequential(binaryBlock(width, stride), binaryBlock(width, 1)),
  });
}

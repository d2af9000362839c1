/** LeNet with binary hidden layers. */
import {
  batchNorm,
  binaryConv2d,
  binaryDense,
  conv2d,
  dense,
  dropout,
  flatten,
  type Layer,
  maxPool,
  relu,
  sequential,
} from '../../layers';
import type { LenetOptions } from './lenet';

/**
 * `lenet` whose second convolution and hidden layer are of +-1, input and weights, with batch normalisation before each
 * sign; the first convolution and the last layer are real. Images [N, H, W, C] to logits [N, classes]; 1,663,978 parameters for 28x28 pixels of one channel, 1,656,832 of them
 * of +-1.
 */
export const binaryLenet = ({
  classes = 10,
  filters = [32, 64],
  hidden = 512,
  dropout: share = 0,
}: LenetOptions = {}): Layer =>
  sequential(
    conv2d(filters[0], 5, { padding: 'same', bias: false }),
    maxPool(2),
    batchNorm(),
    binaryConv2d(filters[1], 5, { padding: 'same', scaleMap: false }),
    maxPool(2),
    batchNorm(),
    flatten(),
    binaryDense(hidden, { scaleMap: false }),
    batchNorm(),
    relu(),
    ...(share ? [dropout(share)] : []),
    dense(classes),
  );

/** LeNet in its modern form: two 5x5 convolutions and two fully connected layers, with ReLU (LeCun et al. 1998). */
import { conv2d, dense, dropout, flatten, type Layer, maxPool, relu, sequential } from '../../layers';

export interface LenetOptions {
  /** Units of the last layer. Default 10. */
  readonly classes?: number;
  /** Filters of the two convolutions. Default [32, 64]. */
  readonly filters?: readonly [number, number];
  /** Units of the hidden fully connected layer. Default 512. */
  readonly hidden?: number;
  /** Share of activations dropped before the last layer. Default 0. */
  readonly dropout?: number;
}

/**
 * Two 5x5 convolutions with ReLU and max pooling, then two fully connected layers: images [N, H, W, C] to logits
 * [N, classes] (after LeCun et al. 1998, with the widths that are usual today).
 */
export const lenet = ({
  classes = 10,
  filters = [32, 64],
  hidden = 512,
  dropout: share = 0,
}: LenetOptions = {}): Layer =>
  sequential(
    conv2d(filters[0], 5, { padding: 'same' }),
    relu(),
    maxPool(2),
    conv2d(filters[1], 5, { padding: 'same' }),
    relu(),
    maxPool(2),
    flatten(),
    dense(hidden),
    relu(),
    ...(share ? [dropout(share)] : []),
    dense(classes),
  );

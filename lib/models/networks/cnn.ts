/** A small convolutional network with batch normalisation that suits images from 8x8 to 64x64. */
import { batchNorm, conv2d, dense, dropout, flatten, type Layer, maxPool, relu, sequential } from '../../layers';

export interface CnnOptions {
  /** Units of the last layer. Default 10. */
  readonly classes?: number;
  /** Filters of each stage; a stage is convolution, batch normalisation, ReLU, 2x2 max pooling. Default [32, 64]. */
  readonly filters?: readonly number[];
  /** Units of a hidden fully connected layer; 0 for none. Default 128. */
  readonly hidden?: number;
  /** Share of activations dropped before the last layer. Default 0.3. */
  readonly dropout?: number;
}

const stage = (filters: number): Layer[] => [conv2d(filters, 3, { padding: 'same' }), batchNorm(), relu(), maxPool(2)];

/** Stages of 3x3 convolution, batch normalisation, ReLU and max pooling, then fully connected layers: images [N, H, W, C] to
 * logits [N, classes]. */
export const cnn = ({ classes = 10, filters = [32, 64], hidden = 128, dropout: share = 0.3 }: CnnOptions = {}): Layer =>
  sequential(
    ...filters.flatMap(stage),
    flatten(),
    ...(hidden ? [dense(hidden), relu()] : []),
    ...(share ? [dropout(share)] : []),
    dense(classes),
  );

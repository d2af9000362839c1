/** Multi-layer perceptrons. */
import { dense, dropout, flatten, type Layer, relu, sequential } from '../../layers';

export interface MlpOptions {
  /** Units of the hidden layers. Default [512, 512]. */
  readonly hidden?: readonly number[];
  /** Units of the last layer. Default 10. */
  readonly classes?: number;
  /** Share of the activations of every hidden layer that is dropped. Default 0. */
  readonly dropout?: number;
}

/** Fully connected layers with ReLU between them; gives logits [N, classes]. */
export const mlp = ({ hidden = [512, 512], classes = 10, dropout: share = 0 }: MlpOptions = {}): Layer =>
  sequential(
    flatten(),
    ...hidden.flatMap((units) => [dense(units), relu(), ...(share ? [dropout(share)] : [])]),
    dense(classes),
  );

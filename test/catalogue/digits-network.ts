/** A network that reads digits, trained with whatever is to be shown. */
import { data, evaluate, fit, layers, losses, metrics, optimizers, type regularizers, Session } from '../../lib';

const { dense, flatten, relu, sequential } = layers;

export const { train, validation, test: tested } = data.digitsSplit();

export const norm = (numbers: readonly number[]) => Math.sqrt(numbers.reduce((total, x) => total + x * x, 0));

/** A network of 64, 128 and 10 units, trained on digits by SGD 0.05 with momentum 0.9 in batches of 32. */
export async function trained(
  options: {
    regularizer?: regularizers.Regularizer;
    behind?: layers.Block;
    optimizer?: optimizers.Transform;
    rate?: number;
    momentum?: number;
    epochs?: number;
  } = {},
) {
  const { regularizer, behind, rate = 0.05, momentum = 0.9, epochs = 15 } = options;
  const descent = optimizers.sgd({ rate, momentum });
  const optimizer = options.optimizer ? optimizers.chain(descent, options.optimizer) : descent;
  const model = sequential(flatten(), dense(128), relu(), ...(behind ? [behind] : []), dense(10));
  const session = new Session(model, {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer,
    regularizer,
    seed: 1,
  });
  await fit(session, train, { epochs });
  const { accuracy } = await evaluate(session, tested);
  return { session, accuracy: accuracy as number, weight: (path: string) => [...session.read(path).data] as number[] };
}

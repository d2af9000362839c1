/** Trains the language model of language-model.py: the same weights, windows and steps. */
import { data, layers, losses, optimizers, Session, type Tensor, tensor } from '../../lib';
import type { Shape } from '../../lib/graph/tensor';
import { noise } from './golden';

export interface LanguageModelRun {
  readonly text: string;
  readonly features: number;
  readonly units: number;
  readonly batch: number;
  readonly length: number;
  readonly steps: number;
  readonly rate: number;
  /** Of all weights but the embedding's. */
  readonly scale: number;
}

const partsOfLstm = ['weight', 'recurrent.weight', 'bias', 'recurrent.bias'];

const paths = [
  'embedding.weight',
  ...[1, 2].flatMap((layer) => partsOfLstm.map((part) => `lstm.layer${layer}.${part}`)),
  'dense.weight',
  'dense.bias',
];

function fill(session: Session, scale: number): void {
  const shapes = new Map(session.declarations().map(({ path, shape }) => [path, shape]));
  paths.forEach((path, i) => {
    const shape = shapes.get(path) as Shape;
    const factor = path === 'embedding.weight' ? 1 : scale;
    session.write(
      path,
      tensor(
        Float32Array.from(noise(100 + i, shape).data, (value) => factor * value),
        shape,
      ),
    );
  });
}

/** The loss of every step. */
export async function trainLanguageModel(run: LanguageModelRun): Promise<number[]> {
  const { text, features, units, batch, length, steps, rate, scale } = run;
  const vocabulary = data.characters(text);
  const { embedding, lstm, dense, sequential } = layers;
  const model = sequential(
    embedding(vocabulary.size, features),
    lstm({ units, layers: 2, bias: 'double' }),
    dense(vocabulary.size),
  );
  const session = new Session(model, {
    loss: losses.crossEntropy(),
    optimizer: optimizers.adam({ rate }),
    stateful: true,
  });
  const { input, target, size } = data.tokenWindows(vocabulary.encode(text), { length, lanes: batch });
  const part = ({ data: all }: Tensor, step: number) =>
    tensor(all.slice(step * batch * length, (step + 1) * batch * length), [batch, length]);
  await session.run(part(input, 0));
  fill(session, scale);
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    const at = step % (size / batch);
    if (at === 0) await session.resetCarried();
    found.push((await session.step(part(input, at), part(target, at))).loss);
  }
  session.dispose();
  return found;
}

/** Dropout as an ensemble: the mean over many thinned networks (Srivastava et al. 2014; Gal and Ghahramani 2016). */
import { expectOptions } from '../graph/errors';
import { keyOfSeed } from '../graph/philox';
import { Scope, Trace } from '../graph/scope';
import { type Tensor, tensor } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { splitKey } from '../ops/random';
import { feed, state } from '../ops/source';
import { feedsFor, type InputData, signatureOf, tensorsOf } from './model';
import type { Session } from './session';

export interface DropoutEnsembleOptions {
  /** Networks that are drawn. Default 30. */
  readonly passes?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Of each network's output before it is averaged, e.g. `functions.softmax`. Default nothing. */
  readonly transform?: (output: Value) => Value;
}

/** What thinned networks say together. */
export interface DropoutEnsemble {
  /** The mean of the outputs. */
  readonly mean: Tensor;
  /** The standard deviation of each number among the networks: how unsure the model is. */
  readonly deviation: Tensor;
}

let ensembles = 0;

/**
 * Averages a model's outputs over random masks of its dropout, with all else as in prediction. Training with dropout
 * trains exponentially many networks that share their weights; scaling by 1 - p approximates their mean in one pass, and
 * this takes it by sampling. What they disagree on is uncertain (Gal and Ghahramani 2016).
 *
 * @throws ConvoltError `VALUE` for fewer than 1 pass
 * @example const { mean, deviation } = await dropoutEnsemble(session, images, { transform: functions.softmax });
 */
export async function dropoutEnsemble(
  session: Session,
  input: InputData,
  options: DropoutEnsembleOptions = {},
): Promise<DropoutEnsemble> {
  expectOptions('dropoutEnsemble', options, ['passes', 'seed', 'transform']);
  const { passes = 30, seed = 0, transform = (output) => output } = options;
  expectWhole('dropoutEnsemble', 'the passes', passes, 1);
  expectWhole('dropoutEnsemble', 'the seed', seed, 0);
  const { executor } = session;
  const tensors = tensorsOf('input', input);
  const program = await executor.program(`ensemble ${signatureOf(tensors)} ${++ensembles}`, () => {
    const key = feed('key', [2], 'int32');
    const trace = new Trace({ state, nextKey: splitKey }, false, key, undefined, true);
    const { feeds, value } = feedsFor('input', input);
    const result = session.model(value, new Scope(trace));
    const output = transform(isValue(result) ? result : (Object.values(result)[0] as Value));
    return { trace, feeds: [...feeds, key], outputs: { output } };
  });
  let shape: readonly number[] = [];
  let [mean, squares]: [Float64Array, Float64Array] = [new Float64Array(0), new Float64Array(0)];
  try {
    for (let pass = 1; pass <= passes; pass++) {
      const key = Int32Array.of(...keyOfSeed(seed));
      key[1] = (key[1] as number) ^ pass;
      const output = (await program.run({ ...tensors, key: tensor(key) })).outputs.output as Tensor;
      if (pass === 1)
        [shape, mean, squares] = [
          output.shape,
          new Float64Array(output.data.length),
          new Float64Array(output.data.length),
        ];
      output.data.forEach((y: number, i: number) => {
        const distance = y - (mean[i] as number);
        mean[i] = (mean[i] as number) + distance / pass;
        squares[i] = (squares[i] as number) + distance * (y - (mean[i] as number));
      });
    }
  } finally {
    executor.drop((candidate) => candidate === program);
  }
  return {
    mean: tensor(Float32Array.from(mean), shape),
    deviation: tensor(
      Float32Array.from(squares, (square) => Math.sqrt(square / passes)),
      shape,
    ),
  };
}

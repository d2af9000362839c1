/** Statistics of batch normalisation from a full pass over data, in place of running averages. */
import { expectChoice } from '../functions/option-values';
import { complaint, expect, expectOptions } from '../graph/errors';
import { sizeOf, tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { mean, variance } from '../ops/reduce';
import type { InputData } from './model';
import { observe } from './observe';
import { type ChannelMoments, expectedMoments, mergeMoments } from './population-statistics';
import type { Session } from './session';

export interface RecalibrateOptions {
  /**
   * 'population' (default): mean and variance over all examples. 'expectation': the mean of the means of batches and of
   * their unbiased variances, as in the paper.
   */
  readonly mode?: 'population' | 'expectation';
  /** Examples per native step; in the mode 'expectation' also those of a batch. Default 256. */
  readonly batchSize?: number;
}

/** The paths of the batch normalisations of a model in the order in which data meets them. */
function normsOf(observed: ReadonlyMap<string, Value>): string[] {
  return [...observed.keys()].flatMap((path) => path.match(/^(.*batchNorm\d*)\.input$/)?.[1] ?? []);
}

/**
 * Gives every batch normalisation the statistics of `input`, with all weights as they are (Ioffe and Szegedy 2015,
 * algorithm 2). Layer by layer, since what a layer is given depends on the statistics of those before it: one pass over
 * the data for each.
 *
 * @param input all training inputs
 * @returns the new statistics by path of the layer
 * @throws ConvoltError `STATE` when the model has no batch normalisation; `DATA` for no examples, or in the mode
 *   'expectation' a batch in which a channel has one number
 * @example await recalibrate(session, train.input); // after training, before testing
 */
export async function recalibrate(
  session: Session,
  input: InputData,
  options: RecalibrateOptions = {},
): Promise<Map<string, ChannelMoments>> {
  expectOptions('recalibrate', options, ['mode', 'batchSize']);
  const { mode = 'population', batchSize = 256 } = options;
  expectChoice('recalibrate', 'mode', mode, ['population', 'expectation']);
  expectWhole('recalibrate', 'the batch size', batchSize, 1);
  const found = new Map<string, ChannelMoments>();
  let paths: string[] = [];
  let positions = 1; // numbers of a channel in one example
  do {
    const batches: ChannelMoments[] = [];
    const passes = observe(
      'recalibrate',
      session,
      input,
      ({ observed }) => {
        paths = normsOf(observed);
        const x = observed.get(`${paths[found.size]}.input`);
        if (!x) {
          throw complaint('STATE', {
            where: 'recalibrate',
            what: 'the model',
            expected: 'one with batch normalisation',
            actual: 'one without',
          });
        }
        positions = sizeOf(x.shape.slice(1, -1));
        const axes = x.shape.slice(0, -1).map((_, axis) => axis);
        return { mean: mean(x, { axes }), variance: variance(x, { axes }) };
      },
      { batchSize },
    );
    for await (const { size, values } of passes) {
      const [centre, spread] = [values.mean, values.variance].map((one) => [...(one?.data ?? [])]) as [
        number[],
        number[],
      ];
      batches.push({ count: size * positions, mean: centre, variance: spread });
    }
    expect(mode === 'population' || batches.every(({ count }) => count > 1), 'DATA', () => ({
      where: 'recalibrate',
      what: 'every batch',
      expected: 'of two numbers per channel at least',
      actual: 'one with a single number',
    }));
    const moments = mode === 'population' ? batches.reduce(mergeMoments) : expectedMoments(batches);
    const path = paths[found.size] as string;
    found.set(path, moments);
    session.write(`${path}.mean`, tensor([...moments.mean]));
    session.write(`${path}.variance`, tensor([...moments.variance]));
  } while (found.size < paths.length);
  return found;
}

/** How much the gradient of a batch differs from that of another, by the size of the batches. */
import { expectOptions } from '../graph/errors';
import { hostUniform, keyOfSeed } from '../graph/philox';
import type { Tensor } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { makeResident, releaseResident, residentSource } from './batch-source';
import { type Examples, expectSameCount, newResidentName } from './evaluate';
import { probe, runProbe } from './parameter-vector';
import type { Session } from './session';

export interface GradientNoiseOptions {
  /** Default [8, 32, 128]. */
  readonly batchSizes?: readonly number[];
  /** Batches of each size. Default 32. */
  readonly batches?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** How much gradients of batches of one size differ. */
export interface GradientNoise {
  readonly batchSize: number;
  /** The mean squared distance of a batch's gradient from the mean gradient. */
  readonly variance: number;
  /** The squared norm of the mean gradient. */
  readonly signal: number;
}

/**
 * Draws batches at random, with replacement, and measures the variance of their gradients. It falls as 1 / batch size: below
 * 8 examples or so steps mostly oscillate, and beyond the size at which the variance is small beside the signal larger
 * batches gain little.
 *
 * @throws ConvoltError `VALUE` for sizes below 1, `OPTION` without a loss
 * @example for (const { batchSize, variance, signal } of await gradientNoise(session, train)) console.log(batchSize, variance / signal);
 */
export async function gradientNoise(
  session: Session,
  examples: Examples,
  options: GradientNoiseOptions = {},
): Promise<readonly GradientNoise[]> {
  const where = 'gradientNoise';
  expectOptions(where, options, ['batchSizes', 'batches', 'seed']);
  const { batchSizes = [8, 32, 128], batches = 32, seed = 0 } = options;
  expectWhole(where, 'batches', batches, 2);
  for (const size of batchSizes) expectWhole(where, 'every batch size', size, 1);
  const count = expectSameCount(where, examples);
  const name = newResidentName();
  try {
    makeResident(session.executor, name, examples.input, examples.target);
    const found: GradientNoise[] = [];
    for (const batchSize of batchSizes) {
      const source = residentSource(name, examples.input, examples.target, batchSize);
      const program = await probe(session, where, source, ({ slopes }) => ({ outputs: Object.fromEntries(slopes) }));
      const draws = hostUniform(keyOfSeed(seed + batchSize), batches * batchSize);
      const gradients: Float64Array[] = [];
      for (let i = 0; i < batches; i++) {
        const rows = draws.subarray(i * batchSize, (i + 1) * batchSize);
        const data = Int32Array.from(rows, (draw) => Math.floor(draw * count));
        const index: Tensor = { dtype: 'int32', shape: [batchSize], data };
        const slopes = await runProbe(session, program, { index });
        gradients.push(Float64Array.from(Object.values(slopes).flatMap((slope) => [...slope.data])));
      }
      found.push({ batchSize, ...spreadOf(gradients) });
    }
    return found;
  } finally {
    releaseResident(session.executor, name);
  }
}

/** The unbiased variance of vectors, summed over their elements, and the squared norm of their mean. */
function spreadOf(vectors: readonly Float64Array[]): { variance: number; signal: number } {
  let [variance, signal] = [0, 0];
  for (let i = 0; i < (vectors[0] as Float64Array).length; i++) {
    const mean = vectors.reduce((sum, vector) => sum + (vector[i] as number), 0) / vectors.length;
    signal += mean ** 2;
    variance += vectors.reduce((sum, vector) => sum + ((vector[i] as number) - mean) ** 2, 0) / (vectors.length - 1);
  }
  return { variance, signal };
}

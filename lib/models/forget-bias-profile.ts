/** What the forget gate's bias does to the memory of a new LSTM (Jozefowicz et al. 2015). */
import { gradients } from '../compiler/differentiate';
import { lstmCell } from '../functions/lstm-cell';
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { broadcastTo } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { scan } from '../ops/scan';
import { constant } from '../ops/source';
import { compute } from './compute';

export interface ForgetBiasOptions {
  /** Default 0, 1, 2 and 3. */
  readonly biases?: readonly number[];
  /** T. Default 40. */
  readonly steps?: number;
}

/**
 * The gradient dc_T/dc_0 that a cell with weights of 0 passes back over T steps, sigmoid(bias)^T: what a new LSTM can learn
 * of the distant past.
 *
 * @returns one entry per bias
 * @example await forgetBiasProfile({ steps: 40 }) // [{ bias: 0, slope: 9.1e-13 }, { bias: 1, slope: 3.6e-6 }, ...]
 */
export async function forgetBiasProfile(options: ForgetBiasOptions = {}): Promise<{ bias: number; slope: number }[]> {
  expectOptions('forgetBiasProfile', options, ['biases', 'steps']);
  const { biases = [0, 1, 2, 3], steps = 40 } = options;
  expectWhole('forgetBiasProfile', 'the number of steps', steps, 1);
  const cell = lstmCell(broadcastTo(constant(0), [1, 4]));
  const slopes = biases.map((bias) => {
    const [hidden, first] = [broadcastTo(constant(0), [1, 1]), broadcastTo(constant(0), [1, 1])];
    const u = broadcastTo(constant([0, bias, 0, 0]), [1, steps, 4]);
    return gradients(sum(scan(cell, { hidden, cell: first }, u).state.cell), [first])[0] as typeof first;
  });
  const made = await compute(slopes);
  return biases.map((bias, i) => ({ bias, slope: made[i]?.data[0] as number }));
}

/** A long sequence of tokens cut into windows, each to be followed by its next token. */
import { expect, expectOptions } from '../graph/errors';
import { tensor } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { type Dataset, dataset } from './dataset';

export interface TokenWindowOptions {
  /** Tokens per window, T. */
  readonly length: number;
  /**
   * Reads the sequence in so many places at once: row i of each batch of this size goes on where row i of the batch
   * before it ended. For training with a session's option `stateful`, in this order (`shuffle: false`). Default: the
   * windows stand one behind the other.
   */
  readonly lanes?: number;
  /** For messages and descriptions. Default `tokens`. */
  readonly name?: string;
}

/**
 * Windows of a sequence: inputs int32 [M, T], and as targets the same places one token later. Tokens at the end that
 * fill no window are left out.
 *
 * @throws ConvoltError `VALUE` for a length or a number of lanes below 1, `DATA` for too few tokens
 * @example
 * const windows = tokenWindows(vocabulary.encode(book), { length: 64 }); // in random order: fit shuffles them
 * const lanes = tokenWindows(vocabulary.encode(book), { length: 64, lanes: 32 });
 * await fit(session, lanes, { batchSize: 32, shuffle: false }); // of a session with `stateful: true`
 */
export function tokenWindows(tokens: Int32Array, options: TokenWindowOptions): Dataset {
  expectOptions('tokenWindows', options, ['length', 'lanes', 'name']);
  const { length, lanes = 1, name = 'tokens' } = options;
  expectWhole('tokenWindows', 'the length', length, 1);
  expectWhole('tokenWindows', 'the number of lanes', lanes, 1);
  const perLane = Math.floor((tokens.length - 1) / lanes / length);
  expect(perLane > 0, 'DATA', () => ({
    where: 'tokenWindows',
    what: 'the number of tokens',
    expected: `above ${length * lanes}, for ${lanes} window(s) of ${length}`,
    actual: String(tokens.length),
  }));
  const count = perLane * lanes;
  const input = new Int32Array(count * length);
  const target = new Int32Array(count * length);
  for (let row = 0; row < count; row++) {
    const start = ((row % lanes) * perLane + Math.floor(row / lanes)) * length;
    input.set(tokens.subarray(start, start + length), row * length);
    target.set(tokens.subarray(start + 1, start + 1 + length), row * length);
  }
  return dataset(tensor(input, [count, length]), tensor(target, [count, length]), { name });
}

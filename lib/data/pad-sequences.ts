/** Sequences of unequal lengths side by side in one tensor. */
import { expect, expectOptions } from '../graph/errors';
import type { Tensor } from '../graph/tensor';

export interface PadOptions {
  /** T. Default: the length of the longest sequence. */
  readonly length?: number;
  /** What stands behind the end of a sequence. Default 0. */
  readonly padding?: number;
}

/** Padded sequences, and where each ends. */
export interface PaddedSequences {
  /** int32 [N, T]. */
  readonly symbols: Tensor;
  /** int32 [N], from 1 to T. */
  readonly lengths: Tensor;
}

/**
 * Puts sequences of whole numbers side by side, filled up at their ends.
 *
 * @throws ConvoltError `DATA` when there is no sequence, when one is empty, or when one is longer than `length`
 * @example padSequences([[5, 6], [7]]) // symbols [[5, 6], [7, 0]], lengths [2, 1]
 */
export function padSequences(sequences: readonly ArrayLike<number>[], options: PadOptions = {}): PaddedSequences {
  expectOptions('padSequences', options, ['length', 'padding']);
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const { length = longest, padding = 0 } = options;
  expect(sequences.length > 0, 'DATA', () => ({
    where: 'padSequences',
    what: 'the number of sequences',
    expected: 'above 0',
    actual: '0',
  }));
  const wrong = sequences.findIndex((sequence) => sequence.length < 1 || sequence.length > length);
  expect(wrong < 0, 'DATA', () => ({
    where: 'padSequences',
    what: 'the length of every sequence',
    expected: `between 1 and ${length}`,
    actual: `${sequences[wrong]?.length} of sequence ${wrong}`,
  }));
  const data = new Int32Array(sequences.length * length).fill(padding);
  sequences.forEach((sequence, i) => {
    data.set(sequence, i * length);
  });
  return {
    symbols: { dtype: 'int32', shape: [sequences.length, length], data },
    lengths: {
      dtype: 'int32',
      shape: [sequences.length],
      data: Int32Array.from(sequences, (sequence) => sequence.length),
    },
  };
}

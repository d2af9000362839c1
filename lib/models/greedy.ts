/** Greedy decoding: the most probable symbol at every step. */
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { decodeFreely } from '../layers/teacher-forcing';
import { argmax } from '../ops/argmax';
import { cast, equal, where } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import { max, sum } from '../ops/reduce';
import { logSoftmax } from '../ops/softmax';
import { constant } from '../ops/source';
import type { Session } from './session';
import { type Search, type SourceData, type Written, write } from './written';

export interface GreedyOptions {
  /** T: the most symbols that are written, the end symbol included. */
  readonly length: number;
}

/** bool [N, T]: true up to the first `end`, and there. */
function before(symbols: Value, end: number): Value {
  const steps = symbols.shape[1] as number;
  const earlier = Float32Array.from({ length: steps * steps }, (_, i) => Number(Math.floor(i / steps) < i % steps));
  const ends = cast(equal(symbols, end), 'float32');
  return equal(matmul(ends, constant({ dtype: 'float32', shape: [steps, steps], data: earlier })), 0);
}

/** Greedy decoding as values. */
export const greedySearch: Search = (decoder, encoding, scope, length) => {
  const { logits, attention } = decodeFreely(decoder.open(encoding, scope), decoder.start, { length });
  const best = argmax(logits);
  const counts = before(best, decoder.end);
  return {
    symbols: where(counts, best, decoder.end),
    lengths: cast(sum(cast(counts, 'float32'), { axes: 1 }), 'int32'),
    scores: sum(where(counts, max(logSoftmax(logits), { axes: -1 }), 0), { axes: 1 }),
    ...(attention && { attention }),
  };
};

/**
 * Writes the most probable symbol at every step, which the next step reads, until the end symbol; all steps of all
 * examples in one native call. Scores are sums of log-probabilities.
 *
 * @throws ConvoltError `VALUE` when the length is below 1, or a symbol or length of the source out of range; `OPTION`
 *   when the session's model is no `encoderDecoder`
 * @example const { symbols, attention } = await greedy(session, { source, sourceLengths }, { length: 20 });
 */
export function greedy(session: Session, data: SourceData, options: GreedyOptions): Promise<Written> {
  expectOptions('greedy', options, ['length']);
  return write('greedy', '', session, data, options.length, greedySearch);
}

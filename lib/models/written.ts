/** Sequences that an encoder-decoder writes, in one native call for a whole batch. */
import { complaint, expect } from '../graph/errors';
import { Scope } from '../graph/scope';
import type { Tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import type { Decoder, Encoding } from '../layers/decoder';
import type { EncoderDecoder } from '../layers/encoder-decoder';
import { where } from '../ops/elementwise';
import { sequenceMask } from '../ops/sequence-mask';
import { expandDims } from '../ops/shape';
import { feedsFor, signatureOf, tensorsOf } from './model';
import type { Session } from './session';

/** What to read: `source` as the encoder takes it, and the int32 lengths [N] of sources that are padded. */
export interface SourceData {
  readonly source: Tensor;
  readonly sourceLengths?: Tensor;
}

/** What was written for each source. */
export interface Written {
  /** int32 [N, T]; the end symbol, and nothing else after it. */
  readonly symbols: Tensor;
  /** int32 [N]: symbols of each, the end symbol included. */
  readonly lengths: Tensor;
  /** float32 [N]: log-probability, as the search rates it. */
  readonly scores: Tensor;
  /** float32 [N, T, S]: how much each symbol looked at each step of the source, if there is attention; 0 after the end. */
  readonly attention?: Tensor;
}

/** The same as values. */
export type Hypothesis = { readonly [Part in keyof Written]: Value };

/** Writes at most `length` symbols from an encoding; the scope is that of the model. */
export type Search = (decoder: Decoder, encoding: Encoding, scope: Scope, length: number) => Hypothesis;

function partsOf(where: string, { model }: Session): EncoderDecoder {
  if ('encoder' in model && 'decoder' in model) return model as EncoderDecoder;
  throw complaint('OPTION', {
    where,
    what: "the session's model",
    expected: 'an encoderDecoder',
    actual: 'another model',
  });
}

/** `attention` [N, T, S] up to the lengths [N], 0 behind them. */
const upTo = (lengths: Value, attention: Value): Value =>
  where(expandDims(sequenceMask(lengths, attention.shape[1] as number), -1), attention, 0);

/** Runs the search `name`, as `key` tells it from others. */
export async function write(
  name: string,
  key: string,
  session: Session,
  data: SourceData,
  length: number,
  search: Search,
): Promise<Written> {
  const { encoder, decoder } = partsOf(name, session);
  expectWhole(name, 'the length', length, 1);
  const tensors = tensorsOf('input', { ...data });
  expect('input.source' in tensors, 'DATA', () => ({
    where: name,
    what: 'the data',
    expected: '{ source, sourceLengths? }',
    actual: `{ ${Object.keys(data).join(', ')} }`,
  }));
  const program = await session.executor.program(`${name} ${key} ${length} ${signatureOf(tensors)}`, () => {
    const trace = session.executor.newTrace(false);
    const { feeds, value } = feedsFor('input', { ...data });
    const { source, sourceLengths } = value as Readonly<Record<string, Value>>;
    const scope = new Scope(trace);
    const { attention, ...written } = search(decoder, encoder(source as Value, scope, sourceLengths), scope, length);
    const outputs = attention ? { ...written, attention: upTo(written.lengths, attention) } : written;
    return { trace, feeds, outputs };
  });
  const { outputs } = await program.run(tensors);
  return outputs as unknown as Written;
}

/** What a decoder reads while it writes: the true symbols, its own, or a draw between both at every step. */
import type { Value } from '../graph/value';
import { argmax } from '../ops/argmax';
import { concat } from '../ops/concat';
import { broadcastTo, where } from '../ops/elementwise';
import { scan } from '../ops/scan';
import { slice } from '../ops/slice';
import { constant } from '../ops/source';
import type { OpenDecoder } from './decoder';

/** What a decoder has written. */
export interface Decoded {
  /** [N, T, symbols]. */
  readonly logits: Value;
  /** The weights of the encoder's steps, [N, T, S], if there is attention. */
  readonly attention?: Value;
}

type Outputs = readonly Value[];

const optional = (value: Value | undefined): Outputs => (value ? [value] : []);

const decoded = (logits: Value, attention: Value | undefined): Decoded => ({
  logits,
  ...(attention && { attention }),
});

/** `count` start symbols, int32 [count]. */
const starts = (start: number, count: number): Value => broadcastTo(constant(Int32Array.of(start)), [count]);

/** The symbol before each of `target` [N, T]. */
function delayed(target: Value, start: number): Value {
  const [count, steps] = target.shape as [number, number];
  const first = broadcastTo(constant({ dtype: 'int32', shape: [1, 1], data: Int32Array.of(start) }), [count, 1]);
  return steps === 1 ? first : concat([first, slice(target, { begin: [0, 0], size: [-1, steps - 1] })], { axis: 1 });
}

/** Every step reads the true symbol before it: teacher forcing. */
export function decodeForced(decoder: OpenDecoder, start: number, target: Value): Decoded {
  const { outputs } = scan(
    (state: Outputs, previous: Value) => {
      const { state: next, output, attention } = decoder.step(state, previous);
      return { state: next, output: [output, ...optional(attention)] };
    },
    decoder.initialState,
    decoder.embed(delayed(target, start)),
  );
  return decoded(decoder.logits(outputs[0] as Value), outputs[1]);
}

/** How long, and what is read beside the own symbols. */
export type Reading =
  | { readonly length: number }
  /** The true symbol before where `forced` (bool [N, T]) is true. */
  | { readonly target: Value; readonly forced: Value };

/** Every step reads the most probable symbol of the step before it, or what `reading` tells. */
export function decodeFreely(decoder: OpenDecoder, start: number, reading: Reading): Decoded {
  const isMixed = 'forced' in reading;
  const truth = isMixed ? { previous: delayed(reading.target, start), forced: reading.forced } : {};
  const [first] = decoder.initialState as [Value];
  const { outputs } = scan(
    ([own, ...state]: Outputs, { previous, forced }: Readonly<Record<string, Value>>) => {
      const symbol = previous && forced ? where(forced, previous, own as Value) : (own as Value);
      const { state: next, output, attention } = decoder.step(state, decoder.embed(symbol));
      const logits = decoder.logits(output);
      return { state: [argmax(logits), ...next], output: [logits, ...optional(attention)] };
    },
    [starts(start, first.shape[0] as number), ...decoder.initialState],
    truth as Readonly<Record<string, Value>>,
    isMixed ? {} : { length: reading.length },
  );
  return decoded(outputs[0] as Value, outputs[1]);
}

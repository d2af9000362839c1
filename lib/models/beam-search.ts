/** Beam search: the best of several sequences that are written side by side (Sutskever et al. 2014). */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { sizeOf, tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import type { Encoding } from '../layers/decoder';
import { flatten, unflatten } from '../layers/flat-state';
import { takeAlongAxis } from '../ops/along-axis';
import { argmax } from '../ops/argmax';
import { add, broadcastTo, cast, div, equal, greater, logicalNot, pow, where } from '../ops/elementwise';
import { gather } from '../ops/gather';
import { scan } from '../ops/scan';
import { expandDims, reshape, squeeze } from '../ops/shape';
import { logSoftmax } from '../ops/softmax';
import { constant } from '../ops/source';
import { topK } from '../ops/top-k';
import { greedySearch } from './greedy';
import type { Session } from './session';
import { type Hypothesis, type Search, type SourceData, type Written, write } from './written';

export interface BeamSearchOptions {
  /** T: the most symbols that are written, the end symbol included. */
  readonly length: number;
  /** B: sequences that are kept at every step. Default 4. */
  readonly beams?: number;
  /** a of score = log-probability / symbols^a: 0 favours short sequences, 1 takes the mean. Default 0.7. */
  readonly lengthPower?: number;
}

/** The log-probability of what cannot be. */
const never = -1e30;

/** A constant whose elements are those of a function of their place. */
function filled(dtype: 'int32' | 'float32', shape: readonly number[], element: (i: number) => number): Value {
  const numbers = Array.from({ length: sizeOf(shape) }, (_, i) => element(i));
  return constant(tensor(numbers, shape, dtype));
}

/** Every example B times, one after the other. */
function repeated({ outputs, context, state, mask }: Encoding, beams: number): Encoding {
  const rows = filled('int32', [(context.shape[0] as number) * beams], (i) => Math.floor(i / beams));
  const repeat = (x: Value): Value => gather(x, rows);
  return {
    outputs: repeat(outputs),
    context: repeat(context),
    state: unflatten(state, flatten(state).map(repeat)),
    mask: mask && repeat(mask),
  };
}

/** One step of all beams: where each came from, what it wrote, and what the parents looked at. */
type Trail = { readonly parents: Value; readonly symbols: Value; readonly attention?: Value };

/** Rows n * B + beam of values [N * B, ...], for beams [N, ...]. */
const rowsOf = (beams: Value, count: number): Value =>
  add(
    beams,
    filled('int32', [beams.shape[0] as number, ...beams.shape.slice(1).map(() => 1)], (n) => n * count),
  );

/** Follows `last` [N] back through the trail: what that beam wrote and looked at. */
function followed(last: Value, { parents, symbols, attention }: Trail): Pick<Hypothesis, 'symbols' | 'attention'> {
  const beams = parents.shape[2] as number;
  const { outputs } = scan(
    (beam: Value, step: Readonly<Record<string, Value>>) => {
      const at = expandDims(beam, 1);
      const parent = squeeze(takeAlongAxis(step.parents as Value, at), 1);
      const symbol = squeeze(takeAlongAxis(step.symbols as Value, at), 1);
      if (!step.attention) return { state: parent, output: [symbol] };
      const [n, , steps] = step.attention.shape as [number, number, number];
      const looked = gather(reshape(step.attention, [n * beams, steps]), rowsOf(parent, beams));
      return { state: parent, output: [symbol, looked] };
    },
    last,
    { parents, symbols, ...(attention && { attention }) },
    { reverse: true },
  );
  const [written, looked] = outputs as [Value, Value?];
  return { symbols: written, ...(looked && { attention: looked }) };
}

/**
 * Beams as values. At every step each beam is continued by every symbol, and the B continuations of the highest
 * log-probability become the next beams. A beam that has written the end symbol stays as it is.
 */
export const beamHypotheses =
  (beams: number, lengthPower: number): Search =>
  (decoder, encoding, scope, length) => {
    const { symbols: count, start, end } = decoder;
    const n = encoding.context.shape[0] as number;
    const open = decoder.open(repeated(encoding, beams), scope);
    const parentOf = filled('int32', [beams * count], (i) => Math.floor(i / count));
    const symbolOf = filled('int32', [beams * count], (i) => i % count);
    const onlyEnd = filled('float32', [count], (symbol) => (symbol === end ? 0 : never));

    const { state, outputs } = scan(
      ([read, scores, lengths, ...inner]: readonly Value[]) => {
        const before = read as Value;
        const { state: next, output, attention } = open.step(inner, open.embed(reshape(before, [n * beams])));
        const steps = reshape(logSoftmax(open.logits(output)), [n, beams, count]);
        const ended = equal(before, end);
        const totals = add(where(expandDims(ended, -1), onlyEnd, steps), expandDims(scores as Value, -1));
        const { values, indices } = topK(reshape(totals, [n, beams * count]), { k: beams });
        const [parents, symbols] = [gather(parentOf, indices), gather(symbolOf, indices)];
        const grown = add(lengths as Value, cast(logicalNot(ended), 'float32'));
        const rows = reshape(rowsOf(parents, beams), [n * beams]);
        return {
          state: [symbols, values, takeAlongAxis(grown, parents), ...next.map((x) => gather(x, rows))],
          output: [parents, symbols, ...(attention ? [reshape(attention, [n, beams, -1])] : [])],
        };
      },
      [
        filled('int32', [n, beams], () => start),
        filled('float32', [n, beams], (i) => (i % beams === 0 ? 0 : never)),
        filled('float32', [n, beams], () => 0),
        ...open.initialState,
      ],
      {} as Readonly<Record<string, Value>>,
      { length },
    );
    const [, totals, lengths] = state as readonly Value[] as [Value, Value, Value];
    const [parents, symbols, attention] = outputs as readonly Value[] as [Value, Value, Value?];
    const ratings = div(totals, pow(lengths, lengthPower));
    const best = argmax(ratings);
    const pick = (x: Value): Value => squeeze(takeAlongAxis(x, expandDims(best, 1)), 1);
    return {
      ...followed(best, { parents, symbols, attention }),
      lengths: cast(pick(lengths), 'int32'),
      scores: pick(ratings),
    };
  };

/** The better one of two for every example; the first where they are as good. */
function better(a: Hypothesis, b: Hypothesis): Hypothesis {
  const second = greater(b.scores, a.scores);
  const picked = (name: keyof Hypothesis): Value => {
    const [one, other] = [a[name] as Value, b[name] as Value];
    const shape = one.shape.map((size, axis) => (axis === 0 ? size : 1));
    return where(broadcastTo(reshape(second, shape), one.shape), other, one);
  };
  return {
    symbols: picked('symbols'),
    lengths: picked('lengths'),
    scores: picked('scores'),
    ...(a.attention && { attention: picked('attention') }),
  };
}

/** Beams, and the greedy sequence, which can fall out of the beams: so the result is never worse than it. */
const searchWithGreedy =
  (beams: number, lengthPower: number): Search =>
  (...given) => {
    const greedy = greedySearch(...given);
    const rated = { ...greedy, scores: div(greedy.scores, pow(cast(greedy.lengths, 'float32'), lengthPower)) };
    return beams === 1 ? rated : better(rated, beamHypotheses(beams, lengthPower)(...given));
  };

/**
 * Writes the sequence of the highest log-probability / symbols^a among those that B beams and `greedy` find; all steps
 * of all examples in one native call. One beam is greedy.
 *
 * @throws ConvoltError `VALUE` when the length or the number of beams is below 1, a is negative, or a symbol or length
 *   of the source out of range; `OPTION` when the session's model is no `encoderDecoder`
 * @example const { symbols, scores } = await beamSearch(session, { source, sourceLengths }, { length: 20, beams: 8 });
 */
export function beamSearch(session: Session, data: SourceData, options: BeamSearchOptions): Promise<Written> {
  expectOptions('beamSearch', options, ['length', 'beams', 'lengthPower']);
  const { length, beams = 4, lengthPower = 0.7 } = options;
  expectWhole('beamSearch', 'the number of beams', beams, 1);
  expectNumber('beamSearch', 'lengthPower', lengthPower, { least: 0 });
  const key = `${beams} ${lengthPower}`;
  return write('beamSearch', key, session, data, length, searchWithGreedy(beams, lengthPower));
}

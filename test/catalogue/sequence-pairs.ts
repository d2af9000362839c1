/** Small sequences to read and to write, and models of them in float64. */
import { hostBits } from '../../lib/graph/philox';
import { Scope, Trace } from '../../lib/graph/scope';
import { type Tensor, tensor } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import {
  additiveScore,
  attentionDecoder,
  type Decoder,
  type DecoderOptions,
  type EncoderDecoder,
  type EncoderDecoderOptions,
  encoderDecoder,
  feedbackDecoder,
  globalAttention,
  gru,
  peekDecoder,
  recurrentEncoder,
  simpleDecoder,
} from '../../lib/layers';
import { splitKey } from '../../lib/ops/random';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, gradientError, type Tensor64 } from '../../lib/reference';
import { initialNumbers, key, newTrace } from '../pure/tracing';

/** int32 [rows, columns]. */
export const ints = (rows: readonly (readonly number[])[]): Tensor =>
  tensor(Int32Array.from(rows.flat()), [rows.length, (rows[0] as readonly number[]).length]);

export const lengths = (...counts: number[]): Tensor => tensor(Int32Array.from(counts));

/** REVERSE: 6 random symbols of 8 (2 to 9, behind start and end), to be written in reverse. */
export function reversed(count: number, seed: number) {
  const words = hostBits([seed, 0], count * 6);
  const source = Int32Array.from(words, (word) => 2 + (word % 8));
  const target = source.map((_, i) => source[6 * Math.floor(i / 6) + 5 - (i % 6)] as number);
  const pairs = { source: tensor(source, [count, 6]), target: tensor(target, [count, 6]) };
  return { input: pairs, target: pairs.target };
}

/** The four decoders; the options are those of all. */
export const decoders: Readonly<Record<string, (options: DecoderOptions) => Decoder>> = {
  simple: simpleDecoder,
  feedback: feedbackDecoder,
  peek: peekDecoder,
  attention: (options) => attentionDecoder({ ...options, attention: globalAttention(additiveScore(32)) }),
};

/** A small model of one layer on each side. */
export function smallModel(
  make: (options: DecoderOptions) => Decoder,
  { symbols = 10, features = 16, units = 32 } = {},
  options: EncoderDecoderOptions = {},
): EncoderDecoder {
  const side = () => ({ symbols, features, recurrent: gru({ units }) });
  return encoderDecoder(recurrentEncoder(side()), make(side()), options);
}

/** Numbers of `outputs`, in float64, with the first numbers of all parameters. */
export function computed(build: (scope: Scope) => readonly Value[], training = false): Tensor64[] {
  const trace = newTrace(training);
  const outputs = build(new Scope(trace));
  return evaluate(outputs, new Map(), initialNumbers(trace));
}

/** The error of the gradients of a scalar with respect to all parameters, against numeric differences. */
export function parametersError(build: (scope: Scope) => Value): number {
  const trace = new Trace({ state: feed, nextKey: splitKey }, true, key);
  const loss = build(new Scope(trace));
  const parameters = [...trace.declarations.values()].map(({ value }) => value);
  return gradientError(loss, parameters, initialNumbers(trace));
}

/** A tensor as a constant of the program. */
export const value = (given: Tensor): Value => constant(given);

/** Decoders: recurrent layers that write a sequence, one symbol after the other, from what an encoder has read. */
import { expectStepMask } from '../functions/step-mask';
import { expect, expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import { sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { tanh } from '../ops/elementwise';
import type { Values } from '../ops/scan';
import { expandDims, squeeze } from '../ops/shape';
import { dense } from './dense';
import { embedding } from './embedding';
import { emptyStates, flatten, hiddenOf, unflatten } from './flat-state';
import { gru } from './gru';
import type { RecurrentLayer } from './recurrent';

/** What an encoder has read. */
export interface Encoding {
  /** [N, S, H]. */
  readonly outputs: Value;
  /** c, [N, C]. */
  readonly context: Value;
  /** The states after the last step, layer after layer. */
  readonly state: readonly Values[];
  /** bool [N, S], false at padding. Default: no padding. */
  readonly mask?: Value;
}

/** What one step of a decoder gives. */
export interface DecoderStep {
  readonly state: readonly Value[];
  /** What the logits are made of, [N, H]. */
  readonly output: Value;
  /** The weights of the encoder's steps, [N, S], if there is attention. */
  readonly attention?: Value;
}

/** A decoder at work on one encoding. */
export interface OpenDecoder {
  /** As many values as each step takes and gives, each [N, ...]. */
  readonly initialState: readonly Value[];
  /** int32 symbols [...] to [..., features]. */
  embed(symbols: Value): Value;
  /** From the state and the embedded symbol before, [N, features]. */
  step(state: readonly Value[], previous: Value): DecoderStep;
  /** [..., H] to a score for each symbol, [..., symbols]. */
  logits(output: Value): Value;
}

/** A decoder: its parameters stand under `decoder`. */
export interface Decoder {
  /** Size of the vocabulary, `start` and `end` included. */
  readonly symbols: number;
  /** The symbol that stands for what comes before the first. */
  readonly start: number;
  /** The symbol after which nothing counts. */
  readonly end: number;
  open(encoding: Encoding, scope: Scope): OpenDecoder;
}

export interface DecoderOptions {
  /** Size of the vocabulary, `start` and `end` included. */
  readonly symbols: number;
  /** Features of an embedded symbol. Default 64. */
  readonly features?: number;
  /** Any recurrent layer that runs forward. Default `gru({ units: 128 })`. */
  readonly recurrent?: RecurrentLayer<Values>;
  /** Default 0. */
  readonly start?: number;
  /** Default 1. */
  readonly end?: number;
}

const optionNames = ['symbols', 'features', 'recurrent', 'start', 'end'];

/** One step of the recurrent layer: state and input [N, F] to the next state and output [N, H]. */
export type Advance = (state: readonly Value[], input: Value) => DecoderStep;

/** What makes a decoder its own. */
export interface DecoderVariant {
  /** The state to begin with: the encoder's, or zeros. */
  readonly begins: 'context' | 'zeros';
  /** False when no step looks at the symbol before; default true. */
  readonly readsSymbols?: boolean;
  /** One step, written for an encoding. */
  step(encoding: Encoding, advance: Advance, scope: Scope): (state: readonly Value[], previous: Value) => DecoderStep;
}

/**
 * The encoder's states, where they are as many and as wide as the decoder's. Otherwise the hidden state of each layer is
 * the context, through a tanh layer where the width differs, and what else a state has begins as zeros.
 */
function handedOver({ context, state }: Encoding, zeros: readonly Values[], scope: Scope): Value[] {
  const [given, wanted] = [flatten(state), flatten(zeros)];
  const isSame =
    given.length === wanted.length && wanted.every(({ shape }, i) => sameShape(shape, given[i]?.shape ?? []));
  if (isSame) return given;
  const hidden = hiddenOf(zeros);
  return wanted.map((zero) => {
    const layer = hidden.indexOf(zero);
    if (layer < 0) return zero;
    if (sameShape(zero.shape, context.shape)) return context;
    return dense(zero.shape[1] as number, { activation: tanh })(context, scope, `bridge${layer + 1}`);
  });
}

function expectEncoding(name: string, { outputs, context, mask }: Encoding): void {
  const isFit = outputs.shape.length === 3 && (outputs.shape[1] as number) > 0 && context.shape.length === 2;
  expect(isFit && outputs.shape[0] === context.shape[0], 'SHAPE', () => ({
    where: name,
    what: 'the encoding',
    expected: 'outputs [N, S, H] with S of 1 or more and a context [N, C]',
    actual: `${showType(outputs)} and ${showType(context)}`,
  }));
  if (mask) expectStepMask(name, mask, outputs.shape.slice(0, 2));
}

/**
 * Makes a decoder of what is its own; all decoders are made by it. Its parameters stand under `decoder`: those of
 * `embedding`, of the recurrent layer, and of `dense`, which gives the logits.
 *
 * @param name for messages
 * @throws ConvoltError `OPTION` or `VALUE` for options that are unknown or out of range; `SHAPE` while tracing when an
 *   encoding does not fit
 * @example
 * // the context is added to every symbol
 * const summingDecoder = (options: DecoderOptions) =>
 *   decoder('summingDecoder', options, {
 *     begins: 'context',
 *     step: ({ context }, advance) => (state, previous) => advance(state, add(previous, context)),
 *   });
 */
export function decoder(name: string, options: DecoderOptions, variant: DecoderVariant): Decoder {
  expectOptions(name, options, optionNames);
  const { symbols, features = 64, start = 0, end = 1, recurrent = gru({ units: 128 }) } = options;
  expectWhole(name, 'the number of symbols', symbols, 1);
  for (const [what, symbol] of Object.entries({ start, end })) {
    expectWhole(name, `the ${what} symbol`, symbol, 0);
    expect(symbol < symbols, 'VALUE', () => ({
      where: name,
      what: `the ${what} symbol`,
      expected: `below the number of symbols ${symbols}`,
      actual: `${symbol}`,
    }));
  }
  expect(start !== end, 'VALUE', () => ({
    where: name,
    what: 'the start symbol',
    expected: 'other than the end symbol',
    actual: `${start}`,
  }));
  const { begins, readsSymbols = true } = variant;
  const embed = embedding(symbols, features);
  const project = dense(symbols);
  const open = (encoding: Encoding, scope: Scope): OpenDecoder => {
    expectEncoding(name, encoding);
    const zeros = emptyStates(recurrent, encoding.context.shape[0] as number);
    const advance: Advance = (state, input) => {
      const given = unflatten(zeros, state);
      const { output, state: next } = recurrent.run(expandDims(input, 1), scope, { state: given });
      return { state: flatten(next), output: squeeze(output, 1) };
    };
    return {
      initialState: begins === 'context' ? handedOver(encoding, zeros, scope) : flatten(zeros),
      embed: (given) => (readsSymbols ? embed(given, scope) : given),
      step: variant.step(encoding, advance, scope),
      logits: (output) => project(output, scope),
    };
  };
  const self: Decoder = {
    symbols,
    start,
    end,
    open: (encoding, scope) => scope.child('decoder', (inner) => open(encoding, inner), self),
  };
  return self;
}

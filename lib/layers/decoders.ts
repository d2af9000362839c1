/** Four decoders: what each step is given, and what becomes of it. */
import { expectChoice } from '../functions/option-values';
import type { Value } from '../graph/value';
import { concat } from '../ops/concat';
import { tanh } from '../ops/elementwise';
import { type Attention, globalAttention } from './attention';
import { additiveScore, projected } from './attention-scores';
import { type Decoder, type DecoderOptions, decoder } from './decoder';

const joined = (...values: readonly Value[]): Value => concat(values, { axis: -1 });

/**
 * The context is the input of every step and the state begins as zeros; no step looks at what was written before.
 *
 * @example simpleDecoder({ symbols: 42, recurrent: gru({ units: 64 }) })
 */
export const simpleDecoder = (options: DecoderOptions): Decoder =>
  decoder('simpleDecoder', options, {
    begins: 'zeros',
    readsSymbols: false,
    step:
      ({ context }, advance) =>
      (state) =>
        advance(state, context),
  });

/**
 * The context is the first state; the input is the symbol before (Sutskever et al. 2014).
 *
 * @example feedbackDecoder({ symbols: 42, recurrent: lstm({ units: 64, layers: 2 }) })
 */
export const feedbackDecoder = (options: DecoderOptions): Decoder =>
  decoder('feedbackDecoder', options, {
    begins: 'context',
    step: (_, advance) => advance,
  });

/**
 * As `feedbackDecoder`, but every step sees the context: its input is [symbol before, c] (Cho et al. 2014).
 *
 * @example peekDecoder({ symbols: 42, features: 32 })
 */
export const peekDecoder = (options: DecoderOptions): Decoder =>
  decoder('peekDecoder', options, {
    begins: 'context',
    step:
      ({ context }, advance) =>
      (state, previous) =>
        advance(state, joined(previous, context)),
  });

export interface AttentionDecoderOptions extends DecoderOptions {
  /** Default `globalAttention(additiveScore(128))`. */
  readonly attention?: Attention;
  /**
   * Where what was attended to goes. 'input' (default): the state before asks, and the input is [symbol before, c_t]
   * (Bahdanau et al. 2015). 'output': the new output s_t asks, and tanh([c_t, s_t] W) gives the logits (Luong et al. 2015).
   */
  readonly placement?: 'input' | 'output';
  /** The state to begin with: from the encoder's 'context' (default), or 'zeros'. */
  readonly begins?: 'context' | 'zeros';
}

/**
 * Every step looks at the encoder's outputs anew: c_t is their mean, weighted by attention. The query is the state's
 * first value, or with 'output' what the recurrent layer gives.
 *
 * Parameters beside those of every decoder: those of the attention under `attention`, and with 'output' W as
 * `attentionalWeight` [H + units, units].
 *
 * @example
 * attentionDecoder({ symbols: 42 }) // Bahdanau's
 * attentionDecoder({ symbols: 42, attention: globalAttention(generalScore()), placement: 'output' }) // Luong's
 */
export function attentionDecoder(options: AttentionDecoderOptions): Decoder {
  const { attention = globalAttention(additiveScore(128)), placement = 'input', begins = 'context', ...rest } = options;
  expectChoice('attentionDecoder', 'placement', placement, ['input', 'output']);
  expectChoice('attentionDecoder', 'begins', begins, ['context', 'zeros']);
  return decoder('attentionDecoder', rest, {
    begins,
    step: ({ outputs: states, mask }, advance, scope) => {
      const attend = attention({ states, mask }, scope);
      if (placement === 'input') {
        return (state, previous) => {
          const { context, weights } = attend(state[0] as Value);
          return { ...advance(state, joined(previous, context)), attention: weights };
        };
      }
      return (state, previous) => {
        const { state: next, output: s } = advance(state, previous);
        const { context, weights } = attend(s);
        const attentional = projected(joined(context, s), scope, 'attentionalWeight', s.shape[1] as number);
        return { state: next, output: tanh(attentional), attention: weights };
      };
    },
  });
}

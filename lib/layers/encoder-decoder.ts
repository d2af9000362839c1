/** From sequence to sequence: an encoder reads one, a decoder writes another of any length. */
import { expectChoice, expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { bernoulli } from '../ops/random';
import { stepCount } from '../optimizers/transform';
import { type Rate, rateAt } from '../schedules/schedule';
import type { Decoder, OpenDecoder } from './decoder';
import type { Encoder } from './recurrent-encoder';
import { type Decoded, decodeForced, decodeFreely } from './teacher-forcing';

/** What an encoder-decoder is given. */
export interface SequencePair {
  readonly source: Value;
  /** int32 [N]; default: all steps of every source. */
  readonly sourceLengths?: Value;
  /** int32 [N, T]: what shall be written, its end symbol included. */
  readonly target: Value;
}

export interface EncoderDecoderOptions {
  /**
   * The probability that a step of training reads the true symbol before it and not its own: from 1 (default, teacher
   * forcing) to 0, or a schedule of the training step (scheduled sampling, Bengio et al. 2015).
   */
  readonly teacherForcing?: Rate;
  /** What steps read while the model is measured: their 'own' symbols (default), or the 'true' ones. */
  readonly measuredOn?: 'own' | 'true';
}

/** A model from `SequencePair` to logits [N, T, symbols], and its parts for those who write with it. */
export interface EncoderDecoder {
  (input: SequencePair, scope: Scope): Value;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
}

function expectTarget(target: Value | undefined, source: Value): asserts target is Value {
  const isFit = target?.dtype === 'int32' && target.shape.length === 2 && target.shape[0] === source.shape[0];
  expect(isFit && (target.shape[1] as number) > 0, 'SHAPE', () => ({
    where: 'encoderDecoder',
    what: 'the target',
    expected: 'int32[N, T] with T of 1 or more and N as many as the sources',
    actual: target ? showType(target) : 'nothing',
    details: { source: showType(source) },
  }));
}

/**
 * Joins an encoder and a decoder to a model for training and measuring; `greedy` and `beamSearch` write with it.
 *
 * @throws ConvoltError `SHAPE` while tracing when the target is not int32 [N, T]; `VALUE` when the program runs and a
 *   symbol lies outside of its vocabulary, or a length outside of 1 to S
 * @example
 * const model = encoderDecoder(recurrentEncoder({ symbols: 30 }), attentionDecoder({ symbols: 42 }));
 * const session = new Session(model, { loss: sequenceCrossEntropy(), optimizer: adam() });
 * await session.step({ source, sourceLengths, target }, { symbols: target, lengths: targetLengths });
 */
export function encoderDecoder(
  encoder: Encoder,
  decoder: Decoder,
  options: EncoderDecoderOptions = {},
): EncoderDecoder {
  expectOptions('encoderDecoder', options, ['teacherForcing', 'measuredOn']);
  const { teacherForcing = 1, measuredOn = 'own' } = options;
  expectChoice('encoderDecoder', 'measuredOn', measuredOn, ['own', 'true']);
  if (typeof teacherForcing === 'number') {
    expectNumber('encoderDecoder', 'teacherForcing', teacherForcing, { least: 0, most: 1 });
  }
  const { start } = decoder;

  const decode = (open: OpenDecoder, target: Value, scope: Scope): Decoded => {
    const ratio = scope.training ? teacherForcing : Number(measuredOn === 'true');
    if (ratio === 1) return decodeForced(open, start, target);
    if (ratio === 0) return decodeFreely(open, start, { length: target.shape[1] as number });
    return scope.child('teacherForcing', (inner) => {
      const p = typeof ratio === 'number' ? ratio : rateAt(ratio, stepCount(inner));
      return decodeFreely(open, start, { target, forced: bernoulli(inner.key(), target.shape, p) });
    });
  };

  const model = ({ source, sourceLengths, target }: SequencePair, scope: Scope): Value => {
    expectTarget(target, source);
    const open = decoder.open(encoder(source, scope, sourceLengths), scope);
    return decode(open, target, scope).logits;
  };
  return Object.assign(model, { encoder, decoder });
}

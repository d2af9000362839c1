/** Encoders made of recurrent layers. */
import { expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { concat } from '../ops/concat';
import type { Values } from '../ops/scan';
import { sequenceMask } from '../ops/sequence-mask';
import type { Encoding } from './decoder';
import { embedding } from './embedding';
import { hiddenOf } from './flat-state';
import { gru } from './gru';
import type { RecurrentLayer } from './recurrent';

/** Reads sequences: [N, S] or [N, S, F], of which the first `lengths` (int32 [N]) steps count. */
export type Encoder = (source: Value, scope: Scope, lengths?: Value) => Encoding;

export interface RecurrentEncoderOptions {
  /** Size of the vocabulary; left out, the source is not of symbols [N, S] but of features [N, S, F]. */
  readonly symbols?: number;
  /** Features of an embedded symbol. Default 64. */
  readonly features?: number;
  /** Any recurrent layer of any direction and depth that gives all steps. Default `gru({ units: 128 })`. */
  readonly recurrent?: RecurrentLayer<Values>;
}

/**
 * Embeds symbols and runs a recurrent layer over them. The context is what its last states show, side by side: [N, H],
 * or [N, 2 H] of both directions.
 *
 * Parameters: `encoder.embedding.weight` [symbols, features] and those of the recurrent layer.
 *
 * @throws ConvoltError `OPTION` or `VALUE` for options that are unknown or out of range; `SHAPE` while tracing when the
 *   source has no steps or the lengths do not fit
 * @example recurrentEncoder({ symbols: 28, recurrent: gru({ units: 128, bidirectional: true }) })
 */
export function recurrentEncoder(options: RecurrentEncoderOptions): Encoder {
  expectOptions('recurrentEncoder', options, ['symbols', 'features', 'recurrent']);
  const { symbols, features = 64, recurrent = gru({ units: 128 }) } = options;
  if (symbols !== undefined) expectWhole('recurrentEncoder', 'the number of symbols', symbols, 1);
  const embed = symbols === undefined ? (x: Value) => x : embedding(symbols, features);
  const encode: Encoder = (source, scope, lengths) =>
    scope.child(
      'encoder',
      (inner) => {
        const { output, state } = recurrent.run(embed(source, inner), inner, { lengths });
        const mask = lengths && sequenceMask(lengths, source.shape[1] as number);
        return { outputs: output, state, context: concat(hiddenOf(state), { axis: 1 }), mask };
      },
      encode,
    );
  return encode;
}

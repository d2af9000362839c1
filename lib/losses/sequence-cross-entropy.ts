/** Cross-entropy of sequences of unequal lengths, padded to one. */
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy';
import { meanPerSymbol, type SequenceTarget, validSymbols } from './sequence-target';

/** As `crossEntropy`. */
export type SequenceCrossEntropyOptions = Pick<CrossEntropyOptions, 'labelSmoothing'>;

/**
 * -log p(y_t), the mean over the symbols that count: padding changes neither the loss nor a gradient.
 *
 * The prediction holds logits [N, T, K]; the target int32 symbols [N, T], alone or as `{ symbols, lengths }` with
 * int32 lengths [N] or `{ symbols, mask }` with a bool mask [N, T].
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` when prediction, target and mask do not fit; `VALUE` when the program runs and
 *   a symbol that counts lies outside of 0 to K - 1, or a length outside of 1 to T
 * @example new Session(model, { loss: sequenceCrossEntropy() }).step(input, { symbols, lengths })
 */
export function sequenceCrossEntropy(
  options: SequenceCrossEntropyOptions = {},
): (prediction: Value, target: SequenceTarget) => Value {
  expectOptions('sequenceCrossEntropy', options, ['labelSmoothing']);
  const ofSteps = crossEntropy({ ...options, reduction: 'none' });
  return (prediction, target) => {
    const { symbols, mask } = validSymbols('sequenceCrossEntropy', prediction, target);
    return meanPerSymbol(ofSteps(prediction, symbols), mask);
  };
}

/** Targets that are sequences: which steps of them count, and means over those. */
import { expectStepMask } from '../functions/step-mask';
import { expect, expectOptions } from '../graph/errors';
import { showType } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import { cast, div, maximum, where } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { sequenceMask } from '../ops/sequence-mask';
import { expectLabels } from './loss';

/** int32 symbols [N, T]; all of them count, or those before the lengths (int32 [N]), or where the mask (bool [N, T]) is. */
export type SequenceTarget =
  | Value
  | { readonly symbols: Value; readonly lengths?: Value }
  | { readonly symbols: Value; readonly mask: Value };

/** Symbols of one target, 0 where they do not count. */
export interface ValidSymbols {
  readonly symbols: Value;
  /** bool [N, T]; undefined where every symbol counts. */
  readonly mask?: Value;
}

/** Checks a target against logits [N, T, K]. */
export function validSymbols(name: string, prediction: Value, target: SequenceTarget): ValidSymbols {
  const given: Readonly<Record<string, Value | undefined>> = isValue(target) ? { symbols: target } : target;
  expectOptions(name, given, ['symbols', 'lengths', 'mask']);
  const { symbols, lengths, mask } = given as { symbols: Value; lengths?: Value; mask?: Value };
  const isFit = isValue(symbols) && prediction.shape.length === 3 && (prediction.shape[1] as number) > 0;
  expect(isFit, 'SHAPE', () => ({
    where: name,
    what: 'the prediction',
    expected: '[N, T, symbols] with T of 1 or more, with symbols [N, T] as target',
    actual: showType(prediction),
  }));
  expectLabels(name, prediction, symbols);
  expect(!lengths || !mask, 'OPTION', () => ({
    where: name,
    what: 'the target',
    expected: 'given with lengths or a mask',
    actual: 'both',
  }));
  if (mask) expectStepMask(name, mask, symbols.shape);
  const counted = mask ?? (lengths && sequenceMask(lengths, symbols.shape[1] as number));
  return counted ? { symbols: where(counted, symbols, 0), mask: counted } : { symbols };
}

/**
 * The mean over the symbols that count, as one number per example of which the trainer takes the mean: the sum over
 * an example's steps divided by the average number of valid steps of the batch. What stands at the other steps, and
 * how many they are, changes no bit of it.
 *
 * @param steps [N, T]
 */
export function meanPerSymbol(steps: Value, mask: Value | undefined): Value {
  const [examples, length] = steps.shape as [number, number];
  if (!mask) return div(sum(steps, { axes: 1 }), length);
  const count = maximum(sum(cast(mask, 'float32')), 1);
  return div(sum(where(mask, steps, 0), { axes: 1 }), div(count, examples));
}

/** How many symbols of a sequence are right, and how often all of them are. */
import type { Value } from '../graph/value';
import { meanPerSymbol, type SequenceTarget, validSymbols } from '../losses/sequence-target';
import { argmax } from '../ops/argmax';
import { cast, equal, where } from '../ops/elementwise';
import { min } from '../ops/reduce';

/** A metric of logits [N, T, K] and a target as `sequenceCrossEntropy` takes it. */
export type SequenceMetric = (prediction: Value, target: SequenceTarget) => Value;

/** 1 for each right symbol, with the mask of those that count. */
function hitsOf(name: string, prediction: Value, target: SequenceTarget): { hits: Value; mask?: Value } {
  const { symbols, mask } = validSymbols(name, prediction, target);
  return { hits: cast(equal(argmax(prediction), symbols), 'float32'), mask };
}

/** The share of symbols that are right, among those that count. */
export const symbolAccuracy = (): SequenceMetric => (prediction, target) => {
  const { hits, mask } = hitsOf('symbolAccuracy', prediction, target);
  return meanPerSymbol(hits, mask);
};

/** 1 where every symbol that counts is right, else 0. */
export const sequenceAccuracy = (): SequenceMetric => (prediction, target) => {
  const { hits, mask } = hitsOf('sequenceAccuracy', prediction, target);
  return min(mask ? where(mask, hits, 1) : hits, { axes: 1 });
};

/** Choosing a class: the most likely one, or one drawn with its probability. */
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { takeAlongAxis } from '../ops/along-axis';
import { div } from '../ops/elementwise';
import { categorical } from '../ops/random';
import { expandDims, squeeze } from '../ops/shape';
import type { Operand } from '../ops/source';
import { topK } from '../ops/top-k';

export interface SampleOptions {
  /** Logits are divided by it: below 1 the likely become more likely. A number or value above 0. Default 1. */
  readonly temperature?: Operand;
  /** Only so many of the likeliest classes are drawn from (Fan et al. 2018). Default all. */
  readonly topK?: number;
}

/**
 * One class (int32 [...]) per row of `logits` [..., K], drawn with probability softmax(logits / temperature).
 *
 * @param key a random key; equal keys draw equal classes
 * @throws ConvoltError `VALUE` unless `topK` lies between 1 and K
 * @example sample(scope.key(), logits, { temperature: 0.8, topK: 40 })
 */
export function sample(key: Value, logits: Value, options: SampleOptions = {}): Value {
  expectOptions('sample', options, ['temperature', 'topK']);
  const { temperature = 1, topK: k } = options;
  const scaled = (scores: Value) => (temperature === 1 ? scores : div(scores, temperature));
  if (k === undefined) return categorical(key, scaled(logits));
  const { values, indices } = topK(logits, { k });
  return squeeze(takeAlongAxis(indices, expandDims(categorical(key, scaled(values)), -1)), -1);
}

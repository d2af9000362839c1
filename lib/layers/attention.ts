/** Attention over the outputs of an encoder: prepared once for a sequence, then asked by every step of a decoder. */
import { type Attended, attend, localWindow, predictedPosition } from '../functions/attention';
import { expectNumber } from '../functions/option-values';
import { bothMasks, expectStepMask } from '../functions/step-mask';
import { expect, expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { cast, mul, tanh } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { projected, type Score, vectorOf } from './attention-scores';

/** What is attended to. */
export interface Memory {
  /** [N, S, H]. */
  readonly states: Value;
  /** bool [N, S], false at padding. Default: no padding. */
  readonly mask?: Value;
}

/** Prepares a memory; what it returns takes queries [N, Q] to contexts [N, H] and weights [N, S]. */
export type Attention = (memory: Memory, scope: Scope) => (query: Value) => Attended;

/** An attention with its parameters under `attention`, of a memory that was looked at. */
const attention = (prepare: Attention): Attention => {
  const apply: Attention = (memory, scope) => {
    const { states, mask } = memory;
    expect(states.shape.length === 3, 'SHAPE', () => ({
      where: 'attention',
      what: 'the states',
      expected: '[N, S, H]',
      actual: showType(states),
    }));
    if (mask) expectStepMask('attention', mask, states.shape.slice(0, 2));
    return scope.child('attention', (inner) => prepare(memory, inner), apply);
  };
  return apply;
};

/**
 * All steps compete: weights = softmax(scores).
 *
 * @throws ConvoltError `SHAPE` while tracing when the states are not [N, S, H] or the mask is not bool [N, S]
 * @example globalAttention(additiveScore(64)) // Bahdanau et al. 2015
 */
export const globalAttention = (score: Score): Attention =>
  attention(({ states, mask }, scope) => {
    const scores = score(states, scope);
    return (query) => attend(scores(query), states, { mask });
  });

export interface LocalAttentionOptions {
  /** D: the 2 D + 1 steps nearest to the position are looked at. Default 2. */
  readonly reach?: number;
}

/**
 * Looks around a position that the query predicts (Luong et al. 2015, local-p):
 *
 *     p = S * sigmoid(v . tanh(s W)),  weights_j = softmax(scores)_j * e^(-(j - p)^2 / (2 (D / 2)^2))
 *
 * with S the length without padding. Parameters: those of the score, `position.weight` W [Q, Q] and `position.vector`
 * v [Q].
 *
 * @throws ConvoltError `VALUE` when the reach is below 1; `SHAPE` as `globalAttention`
 * @example localAttention(generalScore(), { reach: 3 }) // 7 steps
 */
export function localAttention(score: Score, options: LocalAttentionOptions = {}): Attention {
  expectOptions('localAttention', options, ['reach']);
  const { reach = 2 } = options;
  expectNumber('localAttention', 'the reach', reach, { least: 1 });
  return attention(({ states, mask }, scope) => {
    const scores = score(states, scope);
    const steps = states.shape[1] as number;
    const lengths = mask ? sum(cast(mask, 'float32'), { axes: -1 }) : steps;
    return (query) => {
      const logit = scope.child('position', (inner) => positionLogit(query, inner), scores);
      const { mask: near, factor } = localWindow(predictedPosition(logit, lengths), steps, reach);
      return attend(scores(query), states, { mask: bothMasks(mask, near), factor });
    };
  });
}

/** v . tanh(s W), [N]. */
function positionLogit(query: Value, scope: Scope): Value {
  const units = query.shape.at(-1) as number;
  return sum(mul(tanh(projected(query, scope, 'weight', units)), vectorOf(scope, units)), { axes: -1 });
}
